import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where the run took place. */
export interface Machine {
  processors: number
  model: string
  memoryGiB: number
  platform: string
  node: string
}

export const machine = (): Machine => ({
  processors: availableParallelism(),
  model: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
})

/**
 * What the machine had to do before the run began: processes that wanted a processor, on average over the last minute,
 * for each processor. Above a half, speeds say little and only ratios count. 0 on Windows, which does not say.
 */
export const loadPerProcessor = (): number => (loadavg()[0] ?? 0) / availableParallelism()
export const BUSY = 0.5
