import { APP_ID } from '../../world/people.ts'
import type { Exchange } from '../exchange.ts'
import type { Crowd } from './crowd.ts'
import { mix } from './mix.ts'

/** What comes next. */
export type Workload = () => Exchange

const logins =
  (next: 'returningPerson' | 'newPerson' | 'hotPerson' | 'personWithFew') =>
  (crowd: Crowd): Workload =>
  () =>
    crowd.dialect.logIn(crowd.press(crowd[next](), APP_ID))

export const WORKLOADS = {
  /** People who have signed in before. */
  returning: logins('returningPerson'),
  /** People whom the server has never seen. */
  first: logins('newPerson'),
  /** One person, with thousands of past sessions, again and again. */
  hot: logins('hotPerson'),
  /** One person, with as few past sessions as that leaves him, again and again: to hold against the hot one. */
  few: logins('personWithFew'),
  /** Logins, refreshes, token checks and unifications. */
  mix,
} satisfies Record<string, (crowd: Crowd) => Workload>

export type WorkloadName = keyof typeof WORKLOADS
