import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppId, OpenId } from '@hufu/wechat/words'
import type { SessionId, UserId } from './ids.ts'
import { judgeRefresh, LIFETIMES, type RefreshStep, type Session } from './session.ts'
import { DAY } from './time.ts'

const NOW = 1_700_000_000_000
const step = (generation: number, salt = generation): RefreshStep => ({
  generation,
  keyNumber: 1,
  salt: new Uint8Array(16).fill(salt),
})

const session = (changes: Partial<Session> = {}): Session => ({
  id: 'ses_1' as SessionId,
  userId: 'usr_1' as UserId,
  appId: 'wx1' as AppId,
  openid: 'o1' as OpenId,
  createdAt: NOW - DAY,
  lastUsedAt: NOW,
  current: step(5),
  previous: step(4),
  rotatedAt: NOW,
  ended: undefined,
  ...changes,
})
const judge = (presented: RefreshStep, changes: Partial<Session> = {}, now = NOW) =>
  judgeRefresh(session(changes), presented, now, LIFETIMES)

test('T19 the current token is exchanged; its direct predecessor gives the same again for thirty seconds', () => {
  assert.equal(judge(step(5)), 'rotate')
  assert.equal(judge(step(4)), 'repeat')
  assert.equal(judge(step(4), {}, NOW + 30_000), 'repeat')
  assert.equal(judge(step(4), {}, NOW + 30_001), 'late')
  assert.equal(judge(step(4), {}, NOW - 30_001), 'late', 'nor does a clock that steps back make it good')
})

test('T18 anything older was used already by somebody', () => {
  for (const generation of [0, 1, 2, 3]) assert.equal(judge(step(generation)), 'stolen')
  assert.equal(judge(step(4), { current: step(6), previous: step(5) }), 'stolen')
})

test('T18 a token of a family that ended by theft stays a theft; of one that ended otherwise it is unknown', () => {
  for (const ended of ['reused', 'late_retry'] as const) assert.equal(judge(step(5), { ended }), 'stolen')
  for (const ended of ['logout', 'operator', 'blocked', 'deleted', 'crowded_out', 'expired'] as const) {
    assert.equal(judge(step(5), { ended }), 'unknown')
    assert.equal(judge(step(0), { ended }), 'unknown')
  }
})

test('T23 a step of the same generation with another salt or key is none of this session', () => {
  assert.equal(judge(step(5, 9)), 'unknown')
  assert.equal(judge({ ...step(5), keyNumber: 2 }), 'unknown')
  assert.equal(judge(step(4, 9)), 'unknown')
  assert.equal(judge(step(6)), 'unknown', 'a restored backup does not know tomorrow')
  assert.equal(judge(step(0), { current: step(0), previous: undefined }), 'rotate')
})

test('a session is over thirty days after its last use and ninety after its login', () => {
  assert.equal(judge(step(5), {}, NOW + 30 * DAY - 1), 'rotate')
  assert.equal(judge(step(5), {}, NOW + 30 * DAY), 'expired')
  const old = { createdAt: NOW - 90 * DAY + 1 }
  assert.equal(judge(step(5), old), 'rotate')
  assert.equal(judge(step(5), old, NOW + 1), 'expired')
})
