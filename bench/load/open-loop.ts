import type { Clock } from './clock.ts'
import type { Carrier } from './closed-loop.ts'

/**
 * Requests arrive when they are due, whether or not earlier ones were answered. Each time counts from the moment the
 * request was due, not from when a carrier was free to send it: a server that stands still is felt by everyone who arrived
 * meanwhile (without that, “coordinated omission” hides it).
 *
 * @param arrivals moments of the clock, ascending
 * @returns how long each request took, in milliseconds
 */
export function runOpenLoop(carriers: Carrier[], arrivals: Iterator<number>, clock: Clock): Promise<number[]> {
  const free = [...carriers]
  const waiting: number[] = []
  const times: number[] = []
  let served = 0
  let coming = arrivals.next()
  return new Promise((resolve) => {
    const serve = (): void => {
      while (served < waiting.length) {
        const carry = free.pop()
        if (!carry) return
        const due = waiting[served++] ?? clock.now()
        carry(() => {
          times.push(clock.now() - due)
          free.push(carry)
          serve()
          if (isOver()) resolve(times)
        })
      }
    }
    const isOver = (): boolean => coming.done === true && served === waiting.length && free.length === carriers.length
    const arrive = (): void => {
      for (const now = clock.now(); !coming.done && coming.value <= now; coming = arrivals.next()) {
        waiting.push(coming.value)
      }
      serve()
      if (!coming.done) clock.at(coming.value, arrive)
      else if (isOver()) resolve(times)
    }
    arrive()
  })
}
