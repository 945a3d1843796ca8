import type { LoadProcess } from './load/load-process.ts'

/** What every part of a run works with. */
export interface Surroundings {
  /** An empty folder, removed afterwards. */
  scratch: string
  /** The `hufu` command, as published. */
  command: string
  /** Address of the scripted WeChat. */
  upstream: string
  loads: LoadProcess
}
