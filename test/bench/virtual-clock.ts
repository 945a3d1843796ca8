import type { Clock } from '../../bench/load/clock.ts'

/** Time that passes when everything that was ready has had its turn, from one appointment to the next. */
export class VirtualClock implements Clock {
  #now = 0
  #appointments: { when: number; then: () => void }[] = []

  now(): number {
    return this.#now
  }

  at(when: number, then: () => void): void {
    this.#appointments.push({ when, then })
  }

  /** Lets time pass until the promise settles. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let over = false
    const end = (): void => {
      over = true
    }
    promise.then(end, end)
    for (;;) {
      await new Promise((soon) => setImmediate(soon))
      if (over) return promise
      this.#appointments.sort((one, other) => one.when - other.when)
      const next = this.#appointments.shift()
      if (!next) throw new Error('nothing is left to wait for')
      this.#now = Math.max(this.#now, next.when)
      next.then()
    }
  }
}
