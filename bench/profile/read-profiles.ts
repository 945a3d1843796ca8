import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As much of V8's `.cpuprofile` as is needed: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  /** Which node each sample found. */
  samples: number[]
  /** Microseconds between a sample and the one before. */
  timeDeltas: number[]
}

/** One of every thread of a process, the largest first. */
export function readProfiles(folder: string): CpuProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  if (files.length < 2) throw new Error('the server did not leave a profile of its main thread and of its writer')
  return files.map((name): CpuProfile => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}
