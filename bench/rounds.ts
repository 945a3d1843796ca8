import type { Contestant } from './contestants/contestant.ts'
import type { WorkloadName } from './load/workloads/workload.ts'
import { median } from './report/statistics.ts'
import { say } from './say.ts'
import type { Program } from './servers/program.ts'

/** What one contestant did in one round. */
export interface Round {
  /** Requests answered. */
  perSecond: number
  /** Processor time of the server for one request, all threads, in microseconds. */
  processor: number
}

export interface RoundsOptions {
  workload: WorkloadName
  rounds: number
  /** How long each is under load in a round. */
  seconds: number
  connections: number
}

/**
 * Puts one contestant after the other under load, again and again, in alternating order, so that whatever else the machine
 * does hurts all alike.
 *
 * @returns the rounds of each, in the order of the contestants
 */
export async function runRounds(
  contestants: readonly Contestant[],
  { rounds, ...options }: RoundsOptions,
): Promise<Round[][]> {
  const done = contestants.map((): Round[] => [])
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.entries()]
    if (round % 2 === 1) order.reverse()
    for (const [at, contestant] of order) done[at]?.push(await runOnce(contestant, options))
    const rates = contestants.map(({ name }, at) => `${name} ${done[at]?.at(-1)?.perSecond.toFixed(0)}`)
    say(`${options.workload}, round ${round + 1} of ${rounds}, per second: ${rates.join(' · ')}`)
  }
  return done
}

async function runOnce(contestant: Contestant, options: Omit<RoundsOptions, 'rounds'>): Promise<Round> {
  const { programs, load, memory } = contestant
  const watch = setInterval(() => {
    const { resident, own } = programs[0]?.memory() ?? memory
    memory.resident = Math.max(memory.resident, resident)
    memory.own = Math.max(memory.own, own)
  }, 200)
  const used = processorTime(programs)
  const { answered, perSecond, sessions } = await load.peak(options)
  clearInterval(watch)
  contestant.sessions += sessions
  return { perSecond, processor: ((processorTime(programs) - used) * 1e6) / answered }
}

const processorTime = (programs: Program[]): number => programs.reduce((sum, one) => sum + one.processorTime(), 0)

/** Of the median round. */
export const perSecond = (rounds: readonly Round[]): string => median(rates(rounds)).toFixed(0)
export const rates = (rounds: readonly Round[]): number[] => rounds.map((round) => round.perSecond)
export const processorTimes = (rounds: readonly Round[]): number[] => rounds.map((round) => round.processor)
