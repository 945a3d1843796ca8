import type { Program } from './servers/program.ts'
import { Load } from './world/load.ts'

/** A server and its load. */
export interface Contestant {
  name: string
  /** Usually one; several when they share a database. */
  programs: Program[]
  load: Load
  /** Highest resident memory of its first program while it was busy, in MiB, and of that the part that is its own. */
  memory: { resident: number; own: number }
}

/** What one contestant did in one round. */
export interface Turn {
  perSecond: number
  /** Processor time of the server for one login, all threads, in microseconds. */
  processor: number
}

export function enter(
  name: string,
  programs: Program[],
  { path, stored, connections }: { path: string; stored: number; connections: number },
): Contestant {
  const load = new Load({ urls: programs.map(({ url }) => url), path, stored }, connections)
  return { name, programs, load, memory: { resident: 0, own: 0 } }
}

/** @param logins how many each of its processes must have answered before it counts */
export async function warmUp({ load, name, programs }: Contestant, logins: number): Promise<void> {
  say(`warming up ${name}`)
  while (load.answered < logins * programs.length) await load.peak(0.5)
}

/**
 * Lets everybody have a turn, again and again, in alternating order, so that whatever else the machine does hurts all
 * alike. Resolves to each one's turns, in the order of the contestants.
 */
export async function compete(contestants: Contestant[], rounds: number, seconds: number): Promise<Turn[][]> {
  const turns = contestants.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.keys()]
    if (round % 2 === 1) order.reverse()
    for (const index of order) {
      const contestant = contestants[index]
      if (contestant) turns[index]?.push(await turn(contestant, seconds))
    }
    say(
      `round ${round + 1} of ${rounds}: ${contestants.map(({ name }, at) => `${name} ${turns[at]?.at(-1)?.perSecond.toFixed(0)}/s`).join(' · ')}`,
    )
  }
  return turns
}

async function turn(contestant: Contestant, seconds: number): Promise<Turn> {
  const { programs, load, memory } = contestant
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

export async function leave(contestants: Contestant[]): Promise<void> {
  for (const { programs } of contestants) await Promise.all(programs.map((program) => program.stop()))
}

export function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** The value below which so great a part of the values lies. */
export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

/** Median over the rounds of one contestant's measure divided by another's in the same round. */
export function ratio(ours: Turn[], theirs: Turn[], measure: keyof Turn): number {
  return median(ours.map((one, round) => one[measure] / (theirs[round]?.[measure] ?? Number.NaN)))
}

export function say(line: string): void {
  process.stderr.write(`  ${line}\n`)
}
