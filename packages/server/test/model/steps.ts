import fc from 'fast-check'

/** One thing that happens. Numbers pick from what there is at that moment; where there is nothing, nothing happens. */
export type Step =
  | { do: 'log-in'; logins: Login[] }
  | { do: 'bind'; app: number; account: number }
  | { do: 'renumber'; app: number }
  | { do: 'undo'; which: number }
  | { do: 'resolve'; which: number; decision: 'keep' | 'accept' }
  | { do: 'block' | 'unblock' | 'delete'; which: number }
  | { do: 'refresh' | 'log-out'; which: number }
  | { do: 'clock'; by: number }
  | { do: 'change-realm'; app: number }
  | { do: 'restart' }

/** `silent`: WeChat leaves the unionid out. `stale`: the process has not heard yet that the app changed realm. */
export interface Login {
  app: number
  person: number
  silent: boolean
  stale: boolean
}

export interface Story {
  /** To which Open Platform account each app is bound at first; `NO_ACCOUNT` for none. */
  bound: number[]
  steps: Step[]
}

export const APPS = 5
export const PEOPLE = 2
/** The account of an app that is bound to none: it sees no unionid. */
export const NO_ACCOUNT = 2
export const HOUR = 3_600_000

const upTo = (count: number) => fc.nat({ max: count - 1 })
const any = fc.nat({ max: 99 })
const oneIn = (count: number) => fc.nat({ max: count - 1 }).map((drawn) => drawn === count - 1)

/** Mostly the owner's own. */
const account = fc.constantFrom(0, 0, 0, 0, 1, NO_ACCOUNT)

const login: fc.Arbitrary<Login> = fc.record({
  app: fc.constantFrom(0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4),
  person: fc.constantFrom(0, 0, 0, 0, 0, 1),
  silent: fc.boolean(),
  stale: oneIn(12),
})

const logInOften = (one: Login, times: number): Step => ({
  do: 'log-in',
  logins: Array.from({ length: times }, () => one),
})

const step = (restarts: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.record({ do: fc.constant('log-in'), logins: fc.tuple(login) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('log-in'), logins: fc.array(login, { minLength: 2, maxLength: 8 }) }),
    },
    // A phone that logs in over and over: the oldest of its sessions make room.
    { weight: 1, arbitrary: fc.tuple(login, oneIn(4)).map(([one, often]) => logInOften(one, often ? 12 : 1)) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('bind'), app: upTo(APPS), account }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('renumber'), app: upTo(APPS) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('undo'), which: any }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('resolve'),
        which: any,
        decision: fc.constantFrom('keep', 'accept', 'accept'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('block', 'block', 'unblock', 'unblock', 'delete'), which: any }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('refresh', 'log-out'), which: any }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('clock'), by: fc.constantFrom(1, 1000, -1000, HOUR, -HOUR) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('change-realm'), app: upTo(APPS) }) },
    // A restart takes as long as a hundred steps.
    ...(restarts
      ? [{ weight: 1, arbitrary: oneIn(8).map((now): Step => ({ do: now ? 'restart' : 'refresh', which: 0 })) }]
      : []),
  )

/** Where much can become one later: a person who is another user in each of some apps. */
const apart: fc.Arbitrary<Step[]> = fc
  .shuffledSubarray([0, 1, 2, 3], { minLength: 3 })
  .map((apps) => apps.map((app) => ({ do: 'log-in', logins: [{ app, person: 0, silent: true, stale: false }] })))

/** Stories of up to fifty steps. */
export const stories = ({ restarts }: { restarts: boolean }): fc.Arbitrary<Story> =>
  fc.record({
    bound: fc.array(account, { minLength: APPS, maxLength: APPS }),
    steps: fc
      .tuple(fc.oneof(fc.constant([]), apart), fc.array(step(restarts), { minLength: 1, maxLength: 46, size: 'max' }))
      .map(([before, then]) => [...before, ...then]),
  })
