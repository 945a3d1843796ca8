import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { barChart } from './bar-chart.ts'
import { type Findings, holds } from './figure.ts'
import { BUSY, type Machine } from './machine.ts'
import { table } from './table.ts'

export interface Run {
  /** When it began. */
  at: Date
  machine: Machine
  /** Of the machine before it began, for each processor. */
  load: number
  options: object
  /** By the name of the part. */
  findings: Record<string, Findings>
}

/**
 * Writes results.json and the charts into a folder.
 *
 * @returns the text for the terminal, and the exit code: 1 when a target is missed
 */
export function report({ findings, ...run }: Run, folder: string): { text: string; exitCode: 0 | 1 } {
  const parts = Object.values(findings)
  const figures = parts.flatMap((part) => part.figures)
  const { machine, load } = run
  mkdirSync(join(folder, 'charts'), { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ ...run, figures, findings }, null, 2)}\n`)
  const subtitle = [
    `${machine.processors} × ${machine.model}, Node ${machine.node}, ${run.at.toISOString().slice(0, 10)}`,
    ...(load > BUSY ? ['machine busy with other work: compare, do not quote'] : []),
  ].join(' · ')
  for (const chart of parts.flatMap(({ charts = [] }) => charts)) {
    writeFileSync(join(folder, 'charts', `${chart.name}.svg`), barChart(chart, subtitle))
  }
  const missed = figures.filter((figure) => holds(figure) === false)
  const asked = figures.filter((figure) => figure.asked)
  const busy = `The machine was busy before the run began (${load.toFixed(1)} waiting for each processor): only ratios count.\n`
  const verdict = `${asked.length - missed.length} of ${asked.length} targets hold. Everything is in ${relative('.', join(folder, 'results.json'))}, the charts beside it.\n`
  return { text: `\n${table(figures)}\n${load > BUSY ? busy : ''}${verdict}`, exitCode: missed.length > 0 ? 1 : 0 }
}
