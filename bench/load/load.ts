import { randomArrivals } from './arrivals.ts'
import { systemClock } from './clock.ts'
import { runClosedLoop } from './closed-loop.ts'
import { Connection } from './connection.ts'
import { betterAuth } from './dialects/better-auth.ts'
import { hufu } from './dialects/hufu.ts'
import { wafer } from './dialects/wafer.ts'
import { runOpenLoop } from './open-loop.ts'
import { seededRandom } from './random.ts'
import { Crowd } from './workloads/crowd.ts'
import { WORKLOADS, type Workload, type WorkloadName } from './workloads/workload.ts'

const DIALECTS = { hufu, 'better-auth': betterAuth, wafer }

/** A server as the load sees it. */
export interface Target {
  /** Of the server, or of several that share a database: connections are dealt out among them. */
  urls: string[]
  dialect: keyof typeof DIALECTS
  /** People its database held before the run. */
  stored: number
}

export interface LoadOptions {
  workload: WorkloadName
  connections: number
  seconds: number
}

export interface Peak {
  /** Requests answered. */
  answered: number
  perSecond: number
  /** Sessions that the answers spoke of. */
  sessions: number
}

export interface Steady {
  /** Milliseconds from the moment each request was due. */
  times: number[]
  sessions: number
}

/** All that is asked of one server: a stream of people over connections that are opened for each round. */
export class Load {
  readonly #urls: URL[]
  readonly #random = seededRandom(7)
  readonly #crowd: Crowd
  readonly #workloads = new Map<WorkloadName, Workload>()
  #sessions = 0

  constructor({ urls, dialect, stored }: Target) {
    this.#urls = urls.map((url) => new URL(url))
    this.#crowd = new Crowd(DIALECTS[dialect], stored, seededRandom(11))
  }

  /** As much as the server can do. */
  async peak({ seconds, ...options }: LoadOptions): Promise<Peak> {
    const before = this.#sessions
    const { answered, took } = await this.#overConnections(options, (carriers) =>
      runClosedLoop(carriers, { milliseconds: seconds * 1000, clock: systemClock }),
    )
    return { answered, perSecond: (answered * 1000) / took, sessions: this.#sessions - before }
  }

  /** So much in a second, at random moments. */
  async steady({ seconds, perSecond, ...options }: LoadOptions & { perSecond: number }): Promise<Steady> {
    const before = this.#sessions
    const times = await this.#overConnections(options, (carriers) => {
      const arrivals = randomArrivals({ from: systemClock.now(), seconds, perSecond, random: this.#random })
      return runOpenLoop(carriers, arrivals, systemClock)
    })
    return { times, sessions: this.#sessions - before }
  }

  async #overConnections<Result>(
    { workload, connections }: Omit<LoadOptions, 'seconds'>,
    run: (carriers: ((answered: () => void) => void)[]) => Promise<Result>,
  ): Promise<Result> {
    const each = Math.ceil(connections / this.#urls.length)
    const open = await Promise.all(
      this.#urls.flatMap((url) => Array.from({ length: each }, () => Connection.open(url))),
    )
    const next = this.#workload(workload)
    const result = await run(
      open.map((connection) => (answered) => {
        const exchange = next()
        connection.send(exchange, () => {
          if (exchange.makesSession) this.#sessions++
          answered()
        })
      }),
    )
    for (const connection of open) connection.close()
    return result
  }

  #workload(name: WorkloadName): Workload {
    const known = this.#workloads.get(name)
    if (known) return known
    const made = WORKLOADS[name](this.#crowd)
    this.#workloads.set(name, made)
    return made
  }
}
