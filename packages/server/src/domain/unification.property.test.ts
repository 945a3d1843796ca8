import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import fc from 'fast-check'
import type { UserId } from './ids.ts'
import {
  type IdentityName,
  planUndo,
  type Side,
  type Survivor,
  type UnificationRecord,
  unifiedStatus,
} from './unification.ts'

const union = fc.constantFrom(...(['u1', 'u2', 'u3'] as UnionId[]))
const status = fc.constantFrom('active', 'blocked')
const nameOf = ({ appId, openid }: IdentityName): string => `${appId} ${openid}`
const sorted = (identities: IdentityName[]): string[] => identities.map(nameOf).toSorted()

interface Case {
  record: UnificationRecord
  today: Survivor
}

/** A unification, and what came afterwards: identities that were linked, a unionid that was accepted, a word of an operator. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    owners: fc.array(fc.constantFrom('survivor', 'absorbed', 'later'), { minLength: 2, maxLength: 8 }),
    delivered: union,
    held: fc.option(union, { nil: undefined }),
    bearer: fc.constantFrom('survivor', 'absorbed'),
    statuses: fc.tuple(status, status),
    decided: fc.option(status, { nil: undefined }),
    unionid: fc.option(union, { nil: undefined }),
    accepted: fc.array(fc.nat({ max: 7 }), { maxLength: 2 }),
  })
  .filter(({ held, delivered }) => held !== delivered)
  .map(({ owners, delivered, held, bearer, statuses, decided, unionid, accepted }) => {
    const identities = owners.map((_, place) => ({ appId: `wx${place}` as AppId, openid: `o${place}` as OpenId }))
    const of = (who: string): IdentityName[] => identities.filter((_, place) => owners[place] === who)
    const side = (which: 'survivor' | 'absorbed', at: 0 | 1): Side => ({
      id: `usr_${which}` as UserId,
      status: statuses[at],
      unionid: which === bearer ? delivered : held,
      identities: of(which),
      formerIds: [`usr_former_of_${which}` as UserId],
    })
    return {
      record: {
        survivor: side('survivor', 0),
        absorbed: side('absorbed', 1),
        unionid: delivered,
        decided: decided !== undefined,
      },
      today: {
        status: decided ?? unifiedStatus(...statuses),
        unionid,
        identities,
        accepted: accepted.flatMap((place) => identities[place] ?? []),
      },
    }
  })

const bearerOf = ({ record }: Case): 'survivor' | 'absorbed' =>
  record.absorbed.unionid === record.unionid ? 'absorbed' : 'survivor'

test('T16 undoing loses no identity and doubles none', () => {
  fc.assert(
    fc.property(cases, ({ record, today }) => {
      const { survivor, absorbed } = planUndo(record, today)
      assert.deepEqual(sorted([...survivor.identities, ...absorbed.identities]), sorted(today.identities))
    }),
  )
})

test('undoing gives back every identity, and what came later follows the unionid', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { record, today } = one
      const plan = planUndo(record, today)
      const bearer = bearerOf(one)
      const other = bearer === 'survivor' ? 'absorbed' : 'survivor'
      assert.deepEqual(sorted(plan[other].identities), sorted(record[other].identities))
      for (const identity of record[bearer].identities)
        assert.ok(sorted(plan[bearer].identities).includes(nameOf(identity)))
      assert.deepEqual(plan.survivor.formerIds, record.survivor.formerIds)
      assert.deepEqual(plan.absorbed.formerIds, record.absorbed.formerIds)
    }),
  )
})

test('I2 after undoing, no unionid has two users, and today’s is still held', () => {
  fc.assert(
    fc.property(cases, ({ record, today }) => {
      const { survivor, absorbed } = planUndo(record, today)
      if (survivor.unionid !== undefined) assert.notEqual(survivor.unionid, absorbed.unionid)
      if (today.unionid !== undefined) assert.ok([survivor.unionid, absorbed.unionid].includes(today.unionid))
    }),
  )
})

test('the side that is left without today’s unionid is pinned, whole and alone', () => {
  fc.assert(
    fc.property(cases, ({ record, today }) => {
      fc.pre(today.unionid !== undefined)
      const plan = planUndo(record, today)
      const without = plan.survivor.unionid === today.unionid ? plan.absorbed : plan.survivor
      assert.deepEqual(sorted(plan.pinned), sorted(without.identities))
    }),
  )
})

test('a unionid that an operator accepted since goes with the identity of whom WeChat says it', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { record, today } = one
      fc.pre(today.unionid !== undefined && today.unionid !== record.unionid && today.accepted.length === 1)
      const plan = planUndo(record, today)
      const [named = ''] = sorted(today.accepted)
      const owner = sorted(plan.survivor.identities).includes(named) ? plan.survivor : plan.absorbed
      assert.equal(owner.unionid, today.unionid)
    }),
  )
})

test('T11 undoing bars whom it barred before, unless an operator has decided since: then both alike', () => {
  fc.assert(
    fc.property(cases, ({ record, today }) => {
      const { survivor, absorbed } = planUndo(record, today)
      const expected = record.decided ? [today.status, today.status] : [record.survivor.status, record.absorbed.status]
      assert.deepEqual([survivor.status, absorbed.status], expected)
    }),
  )
})

test('T11 no ban is shed by unifying', () => {
  fc.assert(
    fc.property(status, status, (one, other) =>
      assert.equal(unifiedStatus(one, other), one === 'active' && other === 'active' ? 'active' : 'blocked'),
    ),
  )
})
