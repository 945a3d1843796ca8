import type { Spread } from './statistics.ts'

/** What is asked for: the measured may be no worse. */
export type Asked = { least: number } | { most: number }

/** One line of the table. */
export interface Figure extends Spread {
  what: string
  unit: 'ratio' | 'per second' | 'ms' | 'MiB'
  asked?: Asked
  /** What stands behind the number. */
  detail: string
}

/** A bar of a chart. */
export interface Bar extends Spread {
  name: string
  /** Ours is drawn in the one strong colour. */
  isOurs: boolean
}

/** Bars that may be compared, all measured in one run. */
export interface Chart {
  /** Name of the file, without its end. */
  name: string
  title: string
  /** Of the values, as it stands behind each number. */
  unit: string
  bars: Bar[]
}

/** What one part of the bench found. */
export interface Findings {
  figures: Figure[]
  charts?: Chart[]
  /** All that was measured, for results.json. */
  raw: object
}

/** Whether it is as good as asked; nothing where nothing is asked. What could not be measured does not hold. */
export function holds({ median, asked }: Pick<Figure, 'median' | 'asked'>): boolean | undefined {
  if (!asked) return undefined
  return 'least' in asked ? median >= asked.least : median <= asked.most
}
