export interface Arrivals {
  /** A moment in milliseconds. */
  from: number
  seconds: number
  /** How many arrive in a second, on average. */
  perSecond: number
  /** From 0 up to but not including 1. */
  random: () => number
}

/** The moments at which strangers arrive who know nothing of each other (a Poisson process), in milliseconds, ascending. */
export function* randomArrivals({ from, seconds, perSecond, random }: Arrivals): Generator<number, undefined> {
  const until = from + seconds * 1000
  const pause = (): number => (-Math.log(1 - random()) * 1000) / perSecond
  for (let moment = from + pause(); moment < until; moment += pause()) yield moment
  return undefined
}
