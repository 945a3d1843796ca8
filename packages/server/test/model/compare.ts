import assert from 'node:assert/strict'
import type { UserId } from '../../src/domain/ids.ts'
import type { Model } from './identity-model.ts'
import { checkTables } from './invariants.ts'
import type { State } from './state.ts'
import { conflictName, readTables, type Tables } from './tables.ts'

/**
 * Reads the tables and holds them against the invariants and against the model, with the records of unifications, the
 * audit events and the messages to the product that the last step must have left.
 */
export async function compare(state: State): Promise<void> {
  const { model, fixture } = state
  const tables = await readTables(fixture, state.window, state.seen)
  state.tables = tables
  checkTables(tables)
  assert.deepEqual(actual(tables), expected(model))
  compareUnifications(state)
  compareEvents(state)
  for (const [id, token] of state.tokens) {
    const session = token.issuedTo === '' ? model.sessions.get(id) : undefined
    if (session) token.issuedTo = model.identities.get(session.identity)?.user ?? ''
  }
}

/** The tables as lines that the model can write too. */
const actual = ({ users, identities, sessions, conflicts }: Tables): Record<string, string[]> => ({
  users: users.map((user) => line(user.id, user.status, user.unionid, user.survivor_id, user.created_at)),
  identities: identities.map((one) => line(one.app_id, one.openid, one.user_id, one.pinned)).toSorted(),
  sessions: sessions.map((one) => line(one.id, one.user_id, one.ended === null)),
  conflicts: conflicts.map((one) => line(conflictName(one), one.count, one.decision)).toSorted(),
})

const expected = (model: Model): Record<string, string[]> => ({
  users: [...model.users.values()]
    .map(({ id, status, unionid, survivor, createdAt }) =>
      survivor === undefined
        ? line(id, status, unionid, undefined, createdAt)
        : line(id, 'unified', undefined, model.resolve(id), createdAt),
    )
    .toSorted(),
  identities: [...model.identities].map(([name, { user, pinned }]) => line(name, user, pinned ? 1 : 0)).toSorted(),
  sessions: [...model.sessions]
    .map(([id, { identity, live }]) => line(id, model.identities.get(identity)?.user, live))
    .toSorted(),
  conflicts: [...model.conflicts.values()]
    .map(({ identity, unionid, count, decision }) => line(identity, unionid, count, decision))
    .toSorted(),
})

const line = (...cells: unknown[]): string => cells.join(' ')

/** One record for each unification, undone or not as the model has it. New ones are told apart by whom they absorbed. */
function compareUnifications({ model, tables, unificationIds }: State): void {
  const known = new Set(unificationIds.values())
  for (const row of tables.unifications.filter(({ id }) => !known.has(String(id)))) {
    const match = model.unifications.find((one) => one.absorbed.id === row.absorbed_id && !unificationIds.has(one))
    assert.ok(match && match.survivor.id === row.survivor_id)
    unificationIds.set(match, String(row.id))
  }
  assert.equal(tables.unifications.length, model.unifications.length)
  for (const [unification, id] of unificationIds) {
    assert.equal(tables.unifications.find((row) => row.id === id)?.undone_at !== null, unification.undone)
  }
}

/** Which audit event goes with which message to the product. A new user is audited as a login. */
const AUDITED: Readonly<Record<string, string>> = {
  'user.unified': 'user_unified',
  'user.split': 'unification_undone',
  'user.blocked': 'user_blocked',
  'user.unblocked': 'user_unblocked',
  'user.deleted': 'user_deleted',
}
const AUDIT_KINDS = new Set(Object.values(AUDITED))

/** One outbox row for each thing the product must know, and one audit event for each thing of weight. */
function compareEvents({ model, tables, seen }: State): void {
  const events = model.takeEvents()
  const messages = tables.outbox.map((one) =>
    line(one.kind, one.user_id, ...Object.values(JSON.parse(String(one.detail)))).trim(),
  )
  assert.deepEqual(messages.toSorted(), events.toSorted())
  const audited = tables.audit.filter(({ kind }) => AUDIT_KINDS.has(String(kind)))
  const due = events
    .map((one) => one.split(' '))
    .filter(([kind = '']) => kind in AUDITED)
    .map(([kind = '', user]) => line(AUDITED[kind], user))
  assert.deepEqual(audited.map((one) => line(one.kind, one.user_id)).toSorted(), due.toSorted())
  seen.outbox = Number(tables.outbox.at(-1)?.seq ?? seen.outbox)
  seen.audit = Number(tables.audit.at(-1)?.seq ?? seen.audit)
}

/** I5, asked of the store as everybody asks it: every id ever issued leads to whom the model says. */
export async function compareEveryId({ fixture, model }: State): Promise<void> {
  for (const id of model.users.keys()) {
    const found = await fixture.store.users.find(id as UserId)
    const user = model.resolve(id)
    assert.equal(found?.user.id, user)
    assert.equal(found?.user.status, model.users.get(user)?.status)
    assert.deepEqual(found?.user.formerIds.toSorted(), model.formerIds(user).toSorted())
  }
}
