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

export const APPS = 4
export const PEOPLE = 3
export const ACCOUNTS = 2
/** The account of an app that is bound to none: it sees no unionid. */
export const NO_ACCOUNT = ACCOUNTS
export const HOUR = 3_600_000

const upTo = (count: number) => fc.nat({ max: count - 1 })
const any = fc.nat({ max: 99 })
const oneIn = (count: number) => fc.nat({ max: count - 1 }).map((drawn) => drawn === count - 1)

/** A restart takes as long as a hundred steps. */
const rarely = (step: Step): fc.Arbitrary<Step> => oneIn(8).map((now) => (now ? step : { do: 'clock', by: 1 }))

const login: fc.Arbitrary<Login> = fc.record({
  app: upTo(APPS),
  person: upTo(PEOPLE),
  silent: oneIn(6),
  stale: oneIn(8),
})

const step = (restarts: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('log-in'), logins: fc.tuple(login) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('log-in'), logins: fc.array(login, { minLength: 2, maxLength: 8 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('bind'), app: upTo(APPS), account: upTo(ACCOUNTS + 1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('renumber'), app: upTo(APPS) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('undo'), which: any }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('resolve'),
        which: any,
        decision: fc.constantFrom('keep', 'accept', 'accept'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('block', 'unblock', 'delete'), which: any }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('refresh', 'log-out'), which: any }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('clock'), by: fc.constantFrom(1, 1000, -1000, HOUR, -HOUR) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('change-realm'), app: upTo(APPS) }) },
    ...(restarts ? [{ weight: 1, arbitrary: rarely({ do: 'restart' }) }] : []),
  )

/** Stories of up to fifty steps. */
export const stories = ({ restarts }: { restarts: boolean }): fc.Arbitrary<Story> =>
  fc.record({
    bound: fc.tuple(...Array.from({ length: APPS }, () => upTo(ACCOUNTS + 1))),
    steps: fc.array(step(restarts), { minLength: 1, maxLength: 50, size: 'max' }),
  })
