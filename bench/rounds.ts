import { say } from './say.ts'
import type { Program } from './servers/program.ts'
import { median } from './statistics.ts'
import { Load } from './world/load.ts'

/** A server and its load. */
export interface Runner {
  name: string
  /** Usually one; several when they share a database. */
  programs: Program[]
  load: Load
  /** Highest resident memory of its first program while it was busy, in MiB, and of that the part that is its own. */
  memory: { resident: number; own: number }
}

/** What one runner did in one round. */
export interface Round {
  /** Logins answered. */
  perSecond: number
  /** Processor time of the server for one login, all threads, in microseconds. */
  processor: number
}

export function newRunner(
  name: string,
  programs: Program[],
  { path, stored, connections }: { path: string; stored: number; connections: number },
): Runner {
  const load = new Load({ urls: programs.map(({ url }) => url), path, stored }, connections)
  return { name, programs, load, memory: { resident: 0, own: 0 } }
}

/** @param logins how many each of its processes must have answered before it counts */
export async function warmUp({ load, name, programs }: Runner, logins: number): Promise<void> {
  say(`warming up ${name}`)
  while (load.answered < logins * programs.length) await load.peak(0.5)
}

/**
 * Puts one runner after the other under load, again and again, in alternating order, so that whatever else the machine
 * does hurts all alike.
 *
 * @param seconds how long each is under load in a round
 * @returns the rounds of each, in the order of the runners
 */
export async function runRounds(runners: Runner[], rounds: number, seconds: number): Promise<Round[][]> {
  const done = runners.map((): Round[] => [])
  for (let round = 0; round < rounds; round++) {
    const order = [...runners.keys()]
    if (round % 2 === 1) order.reverse()
    for (const index of order) {
      const runner = runners[index]
      if (runner) done[index]?.push(await runOnce(runner, seconds))
    }
    say(
      `round ${round + 1} of ${rounds}: ${runners.map(({ name }, at) => `${name} ${done[at]?.at(-1)?.perSecond.toFixed(0)}/s`).join(' · ')}`,
    )
  }
  return done
}

async function runOnce(runner: Runner, seconds: number): Promise<Round> {
  const { programs, load, memory } = runner
  const watch = setInterval(() => {
    const { resident, own } = programs[0]?.memory() ?? memory
    memory.resident = Math.max(memory.resident, resident)
    memory.own = Math.max(memory.own, own)
  }, 200)
  const answered = load.answered
  const used = processorTime(programs)
  const perSecond = await load.peak(seconds)
  clearInterval(watch)
  return { perSecond, processor: ((processorTime(programs) - used) * 1e6) / (load.answered - answered) }
}

const processorTime = (programs: Program[]): number => programs.reduce((sum, one) => sum + one.processorTime(), 0)

/** Stops the programs of every runner. */
export async function stopAll(runners: Runner[]): Promise<void> {
  for (const { programs } of runners) await Promise.all(programs.map((program) => program.stop()))
}

/** Median over the rounds of one runner's measure divided by another's in the same round. */
export function ratio(ours: Round[], theirs: Round[], measure: keyof Round): number {
  return median(ours.map((one, round) => one[measure] / (theirs[round]?.[measure] ?? Number.NaN)))
}
