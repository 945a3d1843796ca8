/** Time as the load sees it, in milliseconds: the system's, or a test's, which passes when it is told to. */
export interface Clock {
  now(): number
  /** Calls back when it is so late, or at once when it is later. */
  at(when: number, then: () => void): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  at(when, then) {
    setTimeout(then, Math.max(0, when - performance.now()))
  },
}
