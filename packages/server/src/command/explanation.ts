/** 0 done, 1 refused or failed, 2 usage or configuration, 3 not found, 4 server or database not reachable. */
export type ExitCode = 0 | 1 | 2 | 3 | 4

export interface Explanation {
  /** What happened, and where. */
  what: string
  /** Cause and cure. */
  en: string
  zh: string
  exit: ExitCode
}
