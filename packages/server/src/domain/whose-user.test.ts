import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unionid } from '@hufu/wechat/words'
import fc from 'fast-check'
import type { UserId } from './ids.ts'
import { type Candidate, type Decision, type Found, whoseUser } from './whose-user.ts'

const mine = unionid('union-mine')
const other = unionid('union-other')
const a: Candidate = { id: 'usr_a' as UserId, createdAt: 1, unionid: undefined }
const b: Candidate = { id: 'usr_b' as UserId, createdAt: 2, unionid: mine }
const free = { pinned: false }

/** The table of docs/identity.md, row by row. */
const TABLE: [row: string, found: Found, decision: Decision][] = [
  ['nobody, no unionid', { byOpenid: undefined, byUnionid: undefined, unionid: undefined }, { kind: 'create' }],
  ['nobody, a unionid', { byOpenid: undefined, byUnionid: undefined, unionid: mine }, { kind: 'create' }],
  [
    'A, no unionid',
    { byOpenid: { ...a, ...free }, byUnionid: undefined, unionid: undefined },
    { kind: 'sign-in', userId: a.id },
  ],
  [
    'A without one, a unionid of nobody',
    { byOpenid: { ...a, ...free }, byUnionid: undefined, unionid: mine },
    { kind: 'sign-in', userId: a.id, attach: mine },
  ],
  ['B by the unionid', { byOpenid: undefined, byUnionid: b, unionid: mine }, { kind: 'link', userId: b.id }],
  ['A both ways', { byOpenid: { ...b, ...free }, byUnionid: b, unionid: mine }, { kind: 'sign-in', userId: b.id }],
  [
    'A without one, B by the unionid',
    { byOpenid: { ...a, ...free }, byUnionid: b, unionid: mine },
    { kind: 'unify', survivorId: a.id, absorbedId: b.id },
  ],
  [
    'A with another unionid, B by this one',
    { byOpenid: { ...a, unionid: other, ...free }, byUnionid: b, unionid: mine },
    { kind: 'conflict', userId: a.id, holderId: b.id },
  ],
  [
    'A with another unionid, this one of nobody',
    { byOpenid: { ...a, unionid: other, ...free }, byUnionid: undefined, unionid: mine },
    { kind: 'conflict', userId: a.id, holderId: undefined },
  ],
  [
    'A pinned, B by the unionid',
    { byOpenid: { ...a, pinned: true }, byUnionid: b, unionid: mine },
    { kind: 'conflict', userId: a.id, holderId: b.id },
  ],
  [
    'A pinned, the unionid of nobody',
    { byOpenid: { ...a, pinned: true }, byUnionid: undefined, unionid: mine },
    { kind: 'conflict', userId: a.id, holderId: undefined },
  ],
  [
    'A with one, WeChat omits it',
    { byOpenid: { ...b, ...free }, byUnionid: undefined, unionid: undefined },
    { kind: 'sign-in', userId: b.id },
  ],
]
for (const [row, found, decision] of TABLE) {
  test(`whose user is it? ${row}: ${decision.kind}`, () => assert.deepEqual(whoseUser(found), decision))
}

test('T13 T14 the rule answers whatever it is given, and only an equal unionid of this login brings users together', () => {
  const union = fc.constantFrom(undefined, mine, other)
  const candidate = fc.record({
    id: fc.constantFrom('usr_a', 'usr_b', 'usr_c').map((id) => id as UserId),
    createdAt: fc.nat(3),
    unionid: union,
    pinned: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.option(candidate, { nil: undefined }),
      fc.option(candidate, { nil: undefined }),
      union,
      (byOpenid, holder, said) => {
        const isHolder = said !== undefined && holder?.unionid === said && holder.id !== byOpenid?.id
        const byUnionid = isHolder ? holder : undefined
        const decision = whoseUser({ byOpenid, byUnionid, unionid: said })
        if (decision.kind === 'unify') {
          assert.ok(said && byOpenid && byUnionid && !byOpenid.unionid && !byOpenid.pinned)
          assert.notEqual(decision.survivorId, decision.absorbedId)
        }
        if (decision.kind === 'link') assert.ok(said && byUnionid && !byOpenid)
        if (decision.kind === 'create') assert.equal(byOpenid, undefined)
        if (!said) assert.ok(['create', 'sign-in'].includes(decision.kind))
      },
    ),
    { numRuns: 2000 },
  )
})

test('the elder survives, whichever way round the two are found', () => {
  for (const [one, two, survivor] of [
    [{ ...a, createdAt: 1 }, { ...b, createdAt: 2 }, a.id],
    [{ ...a, createdAt: 2 }, { ...b, createdAt: 1 }, b.id],
    [{ ...a, createdAt: 1 }, { ...b, createdAt: 1 }, a.id],
  ] as const) {
    for (const [byOpenid, byUnionid] of [
      [one, two],
      [two, one],
    ] as const) {
      const decision = whoseUser({
        byOpenid: { ...byOpenid, unionid: undefined, pinned: false },
        byUnionid: { ...byUnionid, unionid: mine },
        unionid: mine,
      })
      assert.equal(decision.kind === 'unify' && decision.survivorId, survivor)
    }
  }
})
