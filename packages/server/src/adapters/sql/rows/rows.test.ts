import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Row } from '../sql.ts'
import { appRow } from './app.ts'
import { cloudKeyRow } from './cloud-key.ts'
import { conflictRow } from './conflict.ts'
import { auditRow, outboxRow } from './event.ts'
import { identityRow } from './identity.ts'
import { keyRow } from './key.ts'
import { sessionRow } from './session.ts'
import { candidateRow, ownerRow } from './user.ts'

/** Rows as they are, and in each one word that this release does not know. */
const ROWS: [read: (row: Row) => unknown, row: Row, strange: Row][] = [
  [
    appRow,
    { id: 'wx', realm_id: 'r', kind: 'website', name: '', secret_sealed: '', origins: '[]', created_at: 1 },
    { kind: 'no-such-kind' },
  ],
  [
    identityRow,
    { app_id: 'wx', kind: 'mobile', openid: 'o', pinned: 0, first_seen_at: 1, last_seen_at: 1 },
    { kind: 'no-such-kind' },
  ],
  [candidateRow, { id: 'usr', realm_id: 'r', status: 'active', created_at: 1, unionid: null }, { status: 'dormant' }],
  [ownerRow, { owner_id: 'usr', status: 'unified', unionid: 'u', former_ids: 'usr_1 usr_2' }, { status: 'toString' }],
  [
    sessionRow,
    {
      id: 'ses',
      user_id: 'usr',
      app_id: 'wx',
      openid: 'o',
      created_at: 1,
      last_used_at: 1,
      generation: 0,
      key_number: 1,
      salt: new Uint8Array(1),
      previous_key_number: null,
      previous_salt: null,
      rotated_at: 1,
      ended: 'logout',
    },
    { ended: 'boredom' },
  ],
  [
    conflictRow,
    {
      id: 'cfl',
      app_id: 'wx',
      openid: 'o',
      unionid: 'u',
      user_id: 'usr',
      holder_id: null,
      count: 1,
      first_seen_at: 1,
      last_seen_at: 1,
      decision: 'keep',
      decided_at: 1,
    },
    { decision: 'postpone' },
  ],
  [
    keyRow,
    { number: 1, purpose: 'signing', algorithm: 'ES256', sealed: '', created_at: 1, retired_at: null },
    { purpose: 'decoration' },
  ],
  [
    cloudKeyRow,
    { id: 'ck', app_id: 'wx', public_jwk: '{}', unionid: 'trust', created_at: 1, revoked_at: null },
    { unionid: 'perhaps' },
  ],
  ...(
    [
      { kind: 'logout' },
      { outcome: 'perhaps' },
      { detail: '{"method":"telepathy"}' },
      { detail: '{"decision":"merge"}' },
    ] satisfies Row[]
  ).map((strange): [typeof auditRow, Row, Row] => [
    auditRow,
    {
      seq: 1,
      at: 1,
      kind: 'login',
      actor: 'system',
      user_id: null,
      app_id: null,
      session_id: null,
      outcome: 'ok',
      request_id: null,
      detail: '{"decision":"link","method":"cloud-run"}',
    },
    strange,
  ]),
  [outboxRow, { seq: 1, at: 1, kind: 'user.created', user_id: 'usr', detail: '{}' }, { kind: 'user.renamed' }],
]

for (const [read, row, strange] of ROWS) {
  test(`${read.name}: a ${Object.keys(strange)} that this release does not know is not taken for another`, () => {
    assert.ok(read(row))
    assert.throws(() => read({ ...row, ...strange }), {
      name: 'TypeError',
      message: /that this (release does not know|version knows)/,
    })
  })
}
