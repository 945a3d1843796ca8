import { type Figure, holds } from './figure.ts'

const UNITS: Record<Figure['unit'], (value: number) => string> = {
  ratio: (value) => `${value.toFixed(2)} ×`,
  'per second': (value) => value.toFixed(0),
  ms: (value) => `${digits(value)} ms`,
  MiB: (value) => `${value.toFixed(0)} MiB`,
}
const digits = (value: number): string => value.toFixed(value < 20 ? 1 : 0)

/** The figures with what is asked of them, as text. */
export function table(figures: readonly Figure[]): string {
  const head = ['what', 'median', 'middle half', 'asked', '', 'behind it']
  const rows = [head, ...figures.map(rowOf)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('')
}

function rowOf(figure: Figure): string[] {
  const { what, unit, median, low, high, asked, detail } = figure
  const show = UNITS[unit]
  const bound = asked ? ('least' in asked ? `≥ ${asked.least}` : `≤ ${asked.most}`) : ''
  const held = holds(figure)
  const verdict = held === undefined ? '' : held ? 'holds' : 'MISSED'
  return [what, show(median), low === high ? '' : `${show(low)} – ${show(high)}`, bound, verdict, detail]
}
