/** The value below which so great a part of the values lies, between two of them where it falls there; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const place = part * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

/** The middle of what was measured, and how far the middle half of it reaches. */
export interface Spread {
  median: number
  /** A quarter of the values lies below. */
  low: number
  /** A quarter of the values lies above. */
  high: number
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: quantile(values, 0.5),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
})

/** One value divided by the other that was measured next to it, pair by pair; the spread of that. */
export const spreadOfRatios = (values: readonly number[], others: readonly number[]): Spread =>
  spreadOf(values.map((value, at) => value / (others[at] ?? Number.NaN)))

export const median = (values: readonly number[]): number => quantile(values, 0.5)
