import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** Where databases stand: what a durable commit costs depends on the disk under it. */
  folder: string
  /** Connections of the load to each server. */
  connections: number
  rounds: number
  /** How long each server is under load in a round. */
  seconds: number
  /** Logins each server answers before anything counts: the engine compiles what it finds hot. */
  warmUp: number
  /** People in the large database. */
  users: number
  start: boolean
  speed: boolean
  size: boolean
  memory: boolean
  hot: boolean
  search: boolean
  postgres: boolean
}

/** What every figure works with. */
export interface Surroundings {
  /** An empty folder, removed afterwards. */
  scratch: string
  /** The `hufu` command, as published. */
  command: string
  /** Address of the scripted WeChat. */
  upstream: string
}

const HELP = `npm run bench -- [options]

Measures logins per second and latency of the compiled server against the floor (the least that a login can be) and against
what people write today, in one run: one after the other, again and again, with the same load and the same scripted WeChat.
Prints a table; everything measured goes to bench/results/latest.json.

  --quick              shorter: 8 rounds, 200,000 users
  --only <figures>     of start, memory, speed, size, hot, search, postgres; separated by commas (default: all)
  --rounds <n>         rounds (24)
  --seconds <n>        how long each server is under load in a round (1)
  --users <n>          people in the large database (1000000; the figure to hold is about 10000000)
  --connections <n>    connections of the load to each server (128)
  --folder <path>      where the databases are made (the system's temporary folder)
  --help

Ratios are what counts: this machine's other work hurts all alike. For the speeds themselves, leave it alone meanwhile.
`

const FIGURES = ['start', 'memory', 'speed', 'size', 'hot', 'search', 'postgres'] as const

/** Reads the command line, or says what it may hold. */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      postgres: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '1' },
      users: { type: 'string' },
      connections: { type: 'string', default: '128' },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 'help'
  }
  const only = values.postgres ? ['postgres'] : (values.only?.split(',') ?? [...FIGURES])
  const unknown = only.filter((name) => !FIGURES.some((figure) => figure === name))
  if (unknown.length > 0) throw new TypeError(`--only knows ${FIGURES.join(', ')}; not ${unknown.join(', ')}`)
  const { quick } = values
  return {
    folder: values.folder,
    connections: count('--connections', values.connections),
    rounds: count('--rounds', values.rounds ?? (quick ? '8' : '24')),
    seconds: count('--seconds', values.seconds),
    warmUp: quick ? 4000 : 12_000,
    users: count('--users', values.users ?? (quick ? '200000' : '1000000')),
    start: only.includes('start'),
    memory: only.includes('memory'),
    speed: only.includes('speed'),
    size: only.includes('size'),
    hot: only.includes('hot'),
    search: only.includes('search'),
    postgres: only.includes('postgres'),
  }
}

function count(name: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new TypeError(`${name}: expected a whole number`)
  return Number(value)
}
