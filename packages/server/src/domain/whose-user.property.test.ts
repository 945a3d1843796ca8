import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UnionId } from '@hufu/wechat/words'
import fc from 'fast-check'
import type { UserId } from './ids.ts'
import { type Candidate, type Decision, elderFirst, type Found, whoseUser } from './whose-user.ts'

const user = fc.constantFrom(...(['usr_1', 'usr_2', 'usr_3'] as UserId[]))
const union = fc.constantFrom(...(['u1', 'u2'] as UnionId[]))
const candidate: fc.Arbitrary<Candidate> = fc.record({
  id: user,
  createdAt: fc.nat({ max: 2 }),
  unionid: fc.option(union, { nil: undefined }),
})

/** What a store can find: of a unionid, the one user who holds it. */
const found: fc.Arbitrary<Found> = fc
  .record({
    byOpenid: fc.option(fc.tuple(candidate, fc.boolean()), { nil: undefined }),
    holder: fc.option(candidate, { nil: undefined }),
    unionid: fc.option(union, { nil: undefined }),
  })
  .filter(({ byOpenid, holder, unionid }) => {
    const mine = byOpenid?.[0]
    return !(mine && holder) || (mine.id === holder.id ? mine.unionid === unionid : mine.unionid !== unionid)
  })
  .map(({ byOpenid, holder, unionid }) => ({
    byOpenid: byOpenid && { ...byOpenid[0], pinned: byOpenid[1] },
    byUnionid: holder && unionid ? { ...holder, unionid } : undefined,
    unionid,
  }))

/** Whoever is signed in once the decision is applied; nobody yet when a user is created. */
const signedIn = (decision: Decision): UserId | undefined => {
  if (decision.kind === 'unify') return decision.survivorId
  return decision.kind === 'create' ? undefined : decision.userId
}

test('the rule answers everything that can be found, and never throws', () => {
  fc.assert(fc.property(found, (all) => assert.match(whoseUser(all).kind, /^(create|sign-in|link|unify|conflict)$/)))
})

test('T13 I9 only a unionid that WeChat delivered in this login ever joins anything', () => {
  fc.assert(
    fc.property(found, (all) => {
      const decision = whoseUser({ ...all, unionid: undefined, byUnionid: undefined })
      assert.deepEqual(decision, all.byOpenid ? { kind: 'sign-in', userId: all.byOpenid.id } : { kind: 'create' })
    }),
  )
})

test('I1 whom an app knows already stays that user, or becomes the survivor of a unification', () => {
  fc.assert(
    fc.property(found, (all) => {
      const decision = whoseUser(all)
      if (!all.byOpenid) return assert.ok(decision.kind === 'create' || decision.kind === 'link')
      if (decision.kind !== 'unify') return assert.equal(signedIn(decision), all.byOpenid.id)
      assert.deepEqual(
        new Set([decision.survivorId, decision.absorbedId]),
        new Set([all.byOpenid.id, all.byUnionid?.id]),
      )
    }),
  )
})

test('T14 I3 I7 who holds another unionid, or is pinned, is never unified and never gets a second one', () => {
  const apart = found.filter(
    ({ byOpenid, unionid }) =>
      byOpenid !== undefined &&
      unionid !== undefined &&
      byOpenid.unionid !== unionid &&
      (byOpenid.pinned || byOpenid.unionid !== undefined),
  )
  fc.assert(
    fc.property(apart, (all) => {
      assert.deepEqual(whoseUser(all), { kind: 'conflict', userId: all.byOpenid?.id, holderId: all.byUnionid?.id })
    }),
  )
})

test('I2 a unionid that somebody holds is never attached to another', () => {
  fc.assert(
    fc.property(found, (all) => {
      const decision = whoseUser(all)
      if (decision.kind === 'sign-in' && decision.attach !== undefined) {
        assert.equal(all.byUnionid, undefined)
        assert.equal(all.byOpenid?.unionid, undefined)
        assert.equal(decision.attach, all.unionid)
      }
    }),
  )
})

test('I4 the same two users unify into the same survivor, whichever app saw it first', () => {
  fc.assert(
    fc.property(candidate, candidate, (one, other) => {
      fc.pre(one.id !== other.id)
      assert.deepEqual(elderFirst(one, other), elderFirst(other, one))
      const { survivorId } = elderFirst(one, other)
      const [elder, younger] = survivorId === one.id ? [one, other] : [other, one]
      assert.ok(elder.createdAt < younger.createdAt || (elder.createdAt === younger.createdAt && elder.id < younger.id))
    }),
  )
})
