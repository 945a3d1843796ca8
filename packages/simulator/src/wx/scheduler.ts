/** The clock and timers that a fake `wx` runs on; pass a virtual one to hold time still in a test. */
export interface Scheduler {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once, so many milliseconds from now; gives what `clearTimeout` takes. */
  setTimeout(run: () => void, delay: number): unknown
  /** Keeps a timer from running, if it has not yet. */
  clearTimeout(timer: unknown): void
}

export const realTime: Scheduler = {
  now: () => Date.now(),
  setTimeout: (run, delay) => setTimeout(run, delay),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** Time that passes only when it is told to. */
export interface VirtualTime extends Scheduler {
  /** How many timers wait. */
  readonly waiting: number
  /** Lets this much time pass: every timer that falls due runs at its moment, promises between them settle. */
  advance(milliseconds: number): Promise<void>
  /** Jumps to the next timer and runs what is due then. Returns false when no timer waits. */
  next(): Promise<boolean>
  /** Moves the wall clock without letting time pass, as a person does in the phone's settings. */
  set(now: number): void
}

interface Timer {
  due: number
  order: number
  run: () => void
}

/** Time that passes only when told to. Timers due at the same moment run in the order in which they were set. */
export function createVirtualTime(start = 1_767_225_600_000): VirtualTime {
  const timers = new Map<number, Timer>()
  let elapsed = 0
  let wall = start
  let orders = 0

  const first = () => [...timers.values()].sort((a, b) => a.due - b.due || a.order - b.order)[0]
  const pass = (to: number) => {
    wall += to - elapsed
    elapsed = to
  }
  const runFirst = async (until: number) => {
    const timer = first()
    if (!timer || timer.due > until) return false
    pass(Math.max(elapsed, timer.due))
    timers.delete(timer.order)
    timer.run()
    await promisesSettle()
    return true
  }
  return {
    now: () => wall,
    setTimeout(run, delay) {
      orders += 1
      timers.set(orders, { due: elapsed + Math.max(0, delay), order: orders, run })
      return orders
    },
    clearTimeout(timer) {
      timers.delete(timer as number)
    },
    get waiting() {
      return timers.size
    },
    async advance(milliseconds) {
      const until = elapsed + milliseconds
      await promisesSettle()
      while (await runFirst(until));
      pass(until)
    },
    async next() {
      await promisesSettle()
      return runFirst(Number.POSITIVE_INFINITY)
    },
    set(now) {
      wall = now
    },
  }
}

/** A turn of the event loop: every promise that can settle without a timer has settled when it ends. */
const promisesSettle = () => new Promise<void>((resolve) => setImmediate(resolve))
