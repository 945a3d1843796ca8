import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unionId } from '@hufu/wechat/words'
import fc from 'fast-check'
import type { UserId } from './ids.ts'
import { type Candidate, type Decision, type Found, whoseUser } from './whose-user.ts'

const mine = unionId('union-mine')
const other = unionId('union-other')
const a: Candidate = { id: 'usr_a' as UserId, createdAt: 1, unionId: undefined }
const b: Candidate = { id: 'usr_b' as UserId, createdAt: 2, unionId: mine }
const free = { pinned: false }

/** The table of design §2, row by row. */
const TABLE: [row: string, found: Found, decision: Decision][] = [
  ['nobody, no unionid', { byOpenId: undefined, byUnionId: undefined, unionId: undefined }, { kind: 'create' }],
  ['nobody, a unionid', { byOpenId: undefined, byUnionId: undefined, unionId: mine }, { kind: 'create' }],
  [
    'A, no unionid',
    { byOpenId: { ...a, ...free }, byUnionId: undefined, unionId: undefined },
    { kind: 'sign-in', user: a.id },
  ],
  [
    'A without one, a unionid of nobody',
    { byOpenId: { ...a, ...free }, byUnionId: undefined, unionId: mine },
    { kind: 'sign-in', user: a.id, attach: mine },
  ],
  ['B by the unionid', { byOpenId: undefined, byUnionId: b, unionId: mine }, { kind: 'link', user: b.id }],
  ['A both ways', { byOpenId: { ...b, ...free }, byUnionId: b, unionId: mine }, { kind: 'sign-in', user: b.id }],
  [
    'A without one, B by the unionid',
    { byOpenId: { ...a, ...free }, byUnionId: b, unionId: mine },
    { kind: 'unify', survivor: a.id, absorbed: b.id },
  ],
  [
    'A with another unionid, B by this one',
    { byOpenId: { ...a, unionId: other, ...free }, byUnionId: b, unionId: mine },
    { kind: 'conflict', user: a.id, holder: b.id },
  ],
  [
    'A with another unionid, this one of nobody',
    { byOpenId: { ...a, unionId: other, ...free }, byUnionId: undefined, unionId: mine },
    { kind: 'conflict', user: a.id, holder: undefined },
  ],
  [
    'A pinned, B by the unionid',
    { byOpenId: { ...a, pinned: true }, byUnionId: b, unionId: mine },
    { kind: 'conflict', user: a.id, holder: b.id },
  ],
  [
    'A pinned, the unionid of nobody',
    { byOpenId: { ...a, pinned: true }, byUnionId: undefined, unionId: mine },
    { kind: 'conflict', user: a.id, holder: undefined },
  ],
  [
    'A with one, WeChat omits it',
    { byOpenId: { ...b, ...free }, byUnionId: undefined, unionId: undefined },
    { kind: 'sign-in', user: b.id },
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
    unionId: union,
    pinned: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.option(candidate, { nil: undefined }),
      fc.option(candidate, { nil: undefined }),
      union,
      (byOpenId, holder, said) => {
        const isHolder = said !== undefined && holder?.unionId === said && holder.id !== byOpenId?.id
        const byUnionId = isHolder ? holder : undefined
        const decision = whoseUser({ byOpenId, byUnionId, unionId: said })
        if (decision.kind === 'unify') {
          assert.ok(said && byOpenId && byUnionId && !byOpenId.unionId && !byOpenId.pinned)
          assert.notEqual(decision.survivor, decision.absorbed)
        }
        if (decision.kind === 'link') assert.ok(said && byUnionId && !byOpenId)
        if (decision.kind === 'create') assert.equal(byOpenId, undefined)
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
    for (const [byOpenId, byUnionId] of [
      [one, two],
      [two, one],
    ] as const) {
      const decision = whoseUser({
        byOpenId: { ...byOpenId, unionId: undefined, pinned: false },
        byUnionId: { ...byUnionId, unionId: mine },
        unionId: mine,
      })
      assert.equal(decision.kind === 'unify' && decision.survivor, survivor)
    }
  }
})
