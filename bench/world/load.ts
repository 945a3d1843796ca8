import { Caller } from './caller.ts'
import { APP_ID, codeOf, newPerson, openidOf, storedPerson } from './people.ts'

/** What a server under load looks like from outside. */
export interface Target {
  /** Of the server, or of several that share a database: connections are dealt out among them. */
  urls: URL[]
  path: string
  /** People its database held before the run. */
  stored: number
}

/** Of every so many logins, one is a person whom the server has never seen. */
const ONE_IS_NEW = 50

/** The phones of one server: a stream of people, mostly returning ones, over connections that are opened for each round. */
export class Load {
  readonly #target: Target
  readonly #connections: number
  readonly #random = random(7)
  #serial = 0
  #newcomers = 0

  constructor(target: Target, connections: number) {
    this.#target = target
    this.#connections = connections
  }

  /** Logins answered so far. */
  answered = 0

  /** Every connection posts the next login as soon as the last is answered. Resolves to logins per second. */
  async peak(seconds: number): Promise<number> {
    const callers = await this.#connect()
    const began = performance.now()
    const until = began + seconds * 1000
    const before = this.answered
    await Promise.all(
      callers.map(
        (caller) =>
          new Promise<void>((resolve) => {
            const next = (): void => (performance.now() < until ? this.#login(caller, next) : resolve())
            next()
          }),
      ),
    )
    const perSecond = ((this.answered - before) * 1000) / (performance.now() - began)
    for (const caller of callers) caller.close()
    return perSecond
  }

  /**
   * Logins arrive at random moments at a mean rate, whether or not earlier ones were answered. Resolves to the time each
   * took in milliseconds, counted from the moment it was due, so that a stall is felt by all who arrived during it.
   */
  async steady(perSecond: number, seconds: number): Promise<number[]> {
    const callers = await this.#connect()
    const times: number[] = []
    const due: number[] = []
    const free = [...callers]
    const serve = (): void => {
      while (free.length > 0 && due.length > 0) {
        const caller = free.pop()
        const at = due.shift()
        if (!caller || at === undefined) return
        this.#login(caller, () => {
          times.push(performance.now() - at)
          free.push(caller)
          serve()
        })
      }
    }
    let arrival = performance.now()
    const until = arrival + seconds * 1000
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const now = Math.min(performance.now(), until)
        while (arrival < now) {
          due.push(arrival)
          arrival += (-Math.log(1 - this.#random()) * 1000) / perSecond
        }
        serve()
        if (now < until || free.length < callers.length) setTimeout(look, 1)
        else resolve()
      }
      look()
    })
    for (const caller of callers) caller.close()
    return times
  }

  #connect(): Promise<Caller[]> {
    const { urls, path } = this.#target
    const each = Math.ceil(this.#connections / urls.length)
    return Promise.all(urls.flatMap((url) => Array.from({ length: each }, () => Caller.open(url, path))))
  }

  #login(caller: Caller, answered: () => void): void {
    const person = this.#nextPerson()
    const body = `{"appId":"${APP_ID}","code":"${codeOf(person, this.#serial++)}","nonce":"bench-nonce-0123456789"}`
    caller.post(body, (answer) => {
      if (answer.status !== 200 || !answer.body.includes(openidOf(person))) {
        throw new Error(`${this.#target.urls[0]}: ${answer.status} ${answer.body.slice(0, 300)}`)
      }
      this.answered++
      answered()
    })
  }

  #nextPerson(): number {
    const { stored } = this.#target
    if (this.#serial % ONE_IS_NEW === 0) return newPerson(this.#newcomers++, stored)
    return storedPerson(Math.floor(this.#random() * stored))
  }
}

/** mulberry32: the same people in the same order in every run and for every server. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
