import fc from 'fast-check'
import { HOUR } from '../fixture/time.ts'
import { APPS, type Login, NO_ACCOUNT, type Scenario, type Step } from './scenario.ts'

const app = fc.nat({ max: APPS - 1 })
const which = fc.nat({ max: 99 })
const oneIn = (count: number): fc.Arbitrary<boolean> => fc.nat({ max: count - 1 }).map((drawn) => drawn === count - 1)

/** Mostly the owner's own. */
const account = fc.constantFrom(0, 0, 0, 0, 1, NO_ACCOUNT)

/** Mostly one person in three apps: what never meets finds no fault. */
const login: fc.Arbitrary<Login> = fc.record({
  app: fc.constantFrom(0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4),
  person: fc.constantFrom(0, 0, 0, 0, 0, 1),
  silent: fc.boolean(),
  stale: oneIn(12),
})
const logIn = (logins: fc.Arbitrary<Login[]>): fc.Arbitrary<Step> => fc.record({ do: fc.constant('log-in'), logins })

/** Twelve sessions of one person in one app: the oldest make room. */
const often = fc
  .tuple(login, oneIn(4))
  .map(([one, isOften]) => Array.from({ length: isOften ? 12 : 1 }, (): Login => one))

/** A restart takes as long as a hundred steps, so it is seldom. */
const restart = oneIn(8).map((isNow): Step => ({ do: isNow ? 'restart' : 'refresh', which: 0 }))

const step = (restarts: boolean): fc.Arbitrary<Step> => {
  const weighted: [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
    [30, logIn(fc.tuple(login))],
    [3, logIn(fc.array(login, { minLength: 2, maxLength: 8 }))],
    [1, logIn(often)],
    [3, fc.record({ do: fc.constant('bind'), app, account })],
    [1, fc.record({ do: fc.constant('change-openids'), app })],
    [4, fc.record({ do: fc.constant('undo'), which })],
    [6, fc.record({ do: fc.constant('resolve'), which, decision: fc.constantFrom('keep', 'accept', 'accept') })],
    [3, fc.record({ do: fc.constantFrom('block', 'block', 'unblock', 'unblock', 'delete'), which })],
    [3, fc.record({ do: fc.constantFrom('refresh', 'log-out'), which })],
    [2, fc.record({ do: fc.constant('clock'), by: fc.constantFrom(1, 1000, -1000, HOUR, -HOUR) })],
    [1, fc.record({ do: fc.constant('change-realm'), app })],
  ]
  if (restarts) weighted.push([1, restart])
  return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}

/** A person who is another user in each of some apps: much can become one later. */
const severalUsers: fc.Arbitrary<Step[]> = fc
  .shuffledSubarray([0, 1, 2, 3], { minLength: 3 })
  .map((apps) => apps.map((app) => ({ do: 'log-in', logins: [{ app, person: 0, silent: true, stale: false }] })))

/** Scenarios of up to fifty steps. */
export const scenarios = ({ restarts }: { restarts: boolean }): fc.Arbitrary<Scenario> =>
  fc.record({
    accounts: fc.array(account, { minLength: APPS, maxLength: APPS }),
    steps: fc
      .tuple(
        fc.oneof(fc.constant([]), severalUsers),
        fc.array(step(restarts), { minLength: 1, maxLength: 46, size: 'max' }),
      )
      .map(([before, then]) => [...before, ...then]),
  })
