import { type KeyTimes, keyInUse, PUBLISHED_BEFORE } from '../../../../domain/key-state.ts'
import type { Registry } from '../../../../ports/registry.ts'
import { number } from '../../rows/columns.ts'
import { keyTimesRow } from '../../rows/key.ts'
import { all, one, run, type Statements, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { incrementRevision } from './increment-revision.ts'
import { isSealedBy } from './sealed-by.ts'

export const addKey = write<Registry['addKey']>(function* ({ act, another, ...key }) {
  // Whoever moves the revision first adds the key; the other, waiting here, then finds it.
  yield* incrementRevision()
  if (!(yield* isSealedBy(key.sealedBy))) return 'sealed_by_another'
  const { purpose, algorithm } = key
  const live = (yield* keysOf(purpose)).filter(({ retiredAt }) => retiredAt === undefined)
  const newest = live.toSorted((a, b) => a.signsFrom - b.signsFrom || a.number - b.number).at(-1)
  if (another ? newest && newest.signsFrom > act.now : newest?.algorithm === algorithm) return 'not_needed'
  const added = yield* insertKey(act.now, newest ? act.now + PUBLISHED_BEFORE : act.now, key)
  const kind = another ? 'key_rotated' : 'key_made'
  yield* audit(act, { kind, outcome: 'ok', detail: { key: added, purpose, algorithm } })
  return added
})

export const retireKey = write<Registry['retireKey']>(function* ({ act, number: retired, reason, successor }) {
  yield* incrementRevision()
  if (!(yield* isSealedBy(successor?.sealedBy))) return 'sealed_by_another'
  const found = yield* one(sql`SELECT purpose FROM keys WHERE number = ${retired}`)
  if (!found) return 'unknown'
  const purpose = found.purpose === 'refresh' ? 'refresh' : 'signing'
  const keys = yield* keysOf(purpose)
  const key = keys.find((one) => one.number === retired)
  if (!key || key.retiredAt !== undefined) return 'retired'
  const wasInUse = keyInUse(keys, act.now)?.number === retired
  if (wasInUse && successor?.purpose !== purpose) return 'in_use'
  yield* run(sql`UPDATE keys SET retired_at = ${act.now} WHERE number = ${retired}`)
  if (wasInUse && successor) {
    const waiting = keys.find(({ signsFrom, retiredAt }) => signsFrom > act.now && retiredAt === undefined)
    if (waiting) yield* run(sql`UPDATE keys SET signs_from = ${act.now} WHERE number = ${waiting.number}`)
    else {
      const made = yield* insertKey(act.now, act.now, successor)
      const { algorithm } = successor
      yield* audit(act, { kind: 'key_rotated', outcome: 'ok', detail: { key: made, purpose, algorithm } })
    }
  }
  yield* audit(act, { kind: 'key_retired', outcome: 'ok', detail: { key: retired, purpose, reason } })
  return 'retired'
})

function* keysOf(purpose: string): Statements<(KeyTimes & { algorithm: string })[]> {
  const found = yield* all(sql`
    SELECT number, algorithm, COALESCE(signs_from, created_at) AS signs_from, retired_at FROM keys
    WHERE purpose = ${purpose} ORDER BY number`)
  return found.map(keyTimesRow)
}

function* insertKey(
  now: number,
  signsFrom: number,
  { purpose, algorithm, sealed }: { purpose: string; algorithm: string; sealed: string },
): Statements<number> {
  const last = yield* one(sql`SELECT COALESCE(MAX(number), 0) AS number FROM keys`)
  const next = number(last?.number) + 1
  yield* run(sql`
    INSERT INTO keys (number, purpose, algorithm, sealed, created_at, signs_from)
    VALUES (${next}, ${purpose}, ${algorithm}, ${sealed}, ${now}, ${signsFrom})`)
  return next
}
