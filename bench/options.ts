import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { CONTESTANTS, type ContestantId } from './contestants/contestant.ts'

export const PARTS = ['start', 'returning', 'latency', 'first', 'mix', 'hot', 'size', 'search'] as const
export type Part = (typeof PARTS)[number]

export interface Options {
  parts: readonly Part[]
  contestants: readonly ContestantId[]
  /** A git revision of ours that takes part. */
  against: string | undefined
  profile: boolean
  /** Where databases stand: what a durable commit costs depends on the disk under it. */
  folder: string
  /** Of the load to each contestant. */
  connections: number
  rounds: number
  /** How long each contestant is under load in a round. */
  seconds: number
  /** Logins each server answers before anything counts, and for how long at most. */
  warmUp: { requests: number; seconds: number }
  /** People in the large database. */
  users: number
}

/** What the command line says is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws {UsageError} which says what the command line may hold */
export function readOptions(args: string[]): Options | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const { quick, against } = values
  const chosen = listOf('--contestants', values.contestants, CONTESTANTS)
  const contestants = against === undefined ? chosen.filter((id) => id !== 'against') : withAgainst(chosen)
  return {
    parts: listOf('--only', values.only, PARTS),
    contestants,
    against,
    profile: values.profile,
    folder: values.folder,
    connections: wholeNumber('--connections', values.connections),
    rounds: wholeNumber('--rounds', values.rounds ?? (quick ? '4' : '16')),
    seconds: seconds(values.seconds ?? (quick ? '0.6' : '1.5')),
    warmUp: quick ? { requests: 4000, seconds: 2 } : { requests: 12_000, seconds: 8 },
    users: wholeNumber('--users', values.users ?? (quick ? '200000' : '1000000')),
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        only: { type: 'string' },
        contestants: { type: 'string' },
        against: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        users: { type: 'string' },
        connections: { type: 'string', default: '64' },
        folder: { type: 'string', default: tmpdir() },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** All, where none is named; in our order, not in that of the command line. */
function listOf<Name extends string>(option: string, given: string | undefined, names: readonly Name[]): Name[] {
  const wanted = given?.split(',') ?? names
  const unknown = wanted.filter((word) => !names.some((name) => name === word))
  if (unknown.length > 0) throw new UsageError(`${option} knows ${names.join(', ')}; not ${unknown.join(', ')}`)
  return names.filter((name) => wanted.includes(name))
}

const withAgainst = (chosen: readonly ContestantId[]): ContestantId[] =>
  CONTESTANTS.filter((id) => id === 'against' || chosen.includes(id))

function wholeNumber(option: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new UsageError(`${option}: expected a whole number`)
  return Number(value)
}

function seconds(value: string): number {
  if (!/^\d{1,3}(\.\d)?$/.test(value) || Number(value) === 0) throw new UsageError('--seconds: expected a number')
  return Number(value)
}
