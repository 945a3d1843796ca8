import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One line of the table. */
export interface Figure {
  what: string
  value: number
  unit: 'ratio' | 'ms' | 'MiB'
  /** What is asked for: ours may be no worse. */
  asked?: { least: number } | { most: number }
  /** What stands behind the number. */
  detail: string
}

const holds = ({ value, asked }: Figure): boolean | undefined =>
  asked && ('least' in asked ? value >= asked.least : value <= asked.most)

/** Prints the table and keeps everything as JSON. Resolves to whether every figure holds. */
export function report(figures: Figure[], raw: object): void {
  const rows = figures.map((figure) => {
    const held = holds(figure)
    const asked = figure.asked ? ('least' in figure.asked ? `≥ ${figure.asked.least}` : `≤ ${figure.asked.most}`) : ''
    return [figure.what, show(figure), asked, held === undefined ? '' : held ? 'holds' : 'MISSED', figure.detail]
  })
  const table = [['what', 'measured', 'asked', '', 'detail'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  process.stdout.write('\n')
  for (const row of table) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
  const folder = join(fileURLToPath(import.meta.url), '..', 'results')
  mkdirSync(folder, { recursive: true })
  const machine = {
    processors: availableParallelism(),
    model: cpus()[0]?.model,
    node: process.version,
    platform: process.platform,
  }
  writeFileSync(
    join(folder, 'latest.json'),
    `${JSON.stringify({ at: new Date().toISOString(), machine, figures, raw }, null, 2)}\n`,
  )
  process.stdout.write('\nbench/results/latest.json has everything.\n')
}

const show = ({ value, unit }: Figure): string =>
  unit === 'ratio' ? `${value.toFixed(2)} ×` : `${value.toFixed(value < 20 ? 1 : 0)} ${unit}`
