import fc from 'fast-check'
import { DAY, HOUR, SECOND } from '../fixture/time.ts'

/**
 * One thing that happens to the clients that are signed in, by their number. A client whose answer is dropped keeps its old
 * token; a stolen token is a copy of the one that its client holds at that moment.
 */
export type RefreshStep =
  | { do: 'refresh' | 'drop-answer' | 'retry' | 'steal' | 'use-stolen' | 'log-out'; client: number }
  | { do: 'replay'; client: number; back: number }
  | { do: 'at-once'; client: number; count: number }
  | { do: 'log-in'; app: 0 | 1 }
  | { do: 'unify' }
  | { do: 'restart' }
  | { do: 'block' | 'unblock'; client: number }
  | { do: 'clock'; by: number }

const client = fc.nat({ max: 9 })
const jump = fc.constantFrom(SECOND, 10 * SECOND, 29 * SECOND, 31 * SECOND, -20 * SECOND, HOUR, -HOUR, 16 * DAY)

/** Up to fifty steps. */
export const refreshScenarios: fc.Arbitrary<RefreshStep[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('refresh', 'refresh', 'drop-answer', 'retry'), client }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('steal', 'use-stolen', 'use-stolen'), client }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replay'), client, back: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('at-once'), client, count: fc.integer({ min: 2, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('log-in'), app: fc.constantFrom(0, 1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('log-out', 'block', 'unblock'), client }) },
    {
      weight: 1,
      arbitrary: fc.nat({ max: 7 }).map((drawn): RefreshStep => ({ do: drawn === 0 ? 'restart' : 'unify' })),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('clock'), by: jump }) },
  ) satisfies fc.Arbitrary<RefreshStep>,
  { minLength: 1, maxLength: 50, size: 'max' },
)
