/** One thing that happens. Numbers pick from what there is at that moment; where there is nothing, nothing happens. */
export type Step =
  | { do: 'log-in'; logins: Login[] }
  | { do: 'bind'; app: number; account: number }
  | { do: 'change-openids'; app: number }
  | { do: 'undo'; which: number }
  | { do: 'resolve'; which: number; decision: 'keep' | 'accept' }
  | { do: 'block' | 'unblock' | 'delete'; which: number }
  | { do: 'refresh' | 'log-out'; which: number }
  | { do: 'clock'; by: number }
  | { do: 'change-realm'; app: number }
  | { do: 'restart' }

export interface Login {
  app: number
  person: number
  /** WeChat leaves the unionid out. */
  silent: boolean
  /** The process has not heard yet that the app changed realm. */
  stale: boolean
}

/** What happens to the people and apps of two realms, in order. Logins of one step happen all at once. */
export interface Scenario {
  /** To which Open Platform account each app is bound at first; `NO_ACCOUNT` for none. */
  accounts: number[]
  steps: Step[]
}

export const APPS = 5
export const PEOPLE = 2
/** The account of an app that is bound to none: it sees no unionid. */
export const NO_ACCOUNT = 2

/** The one that a number picks out of what there is. */
export const pick = <T>(from: readonly T[], which: number): T | undefined => from[which % from.length]
