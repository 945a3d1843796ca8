import assert from 'node:assert/strict'
import type { UserId } from '../../src/domain/ids.ts'
import type { Model } from './identity-model.ts'
import { conflictName, type Scene } from './scene.ts'
import { checkTables, readTables, type Tables } from './tables.ts'

/** The tables against the invariants, then against the model, then what was written down and told about the step. */
export async function compare(scene: Scene): Promise<void> {
  const { model, stage } = scene
  const tables = await readTables(stage, scene.window, scene.seen)
  scene.tables = tables
  checkTables(tables)
  assert.deepEqual(inTables(tables), inModel(model))
  compareUnifications(scene)
  compareNews(scene)
  for (const [id, token] of scene.tokens) {
    const session = token.issuedTo === '' ? model.sessions.get(id) : undefined
    if (session) token.issuedTo = model.homes.get(session.identity)?.user ?? ''
  }
}

/** The tables and the model in the same words. */
const inTables = ({ users, identities, sessions, conflicts }: Tables): Record<string, string[]> => ({
  users: users.map((user) => words(user.id, user.status, user.unionid, user.survivor_id, user.created_at)),
  identities: identities.map((one) => words(one.app_id, one.openid, one.user_id, one.pinned)).toSorted(),
  sessions: sessions.map((one) => words(one.id, one.user_id, one.ended === null)),
  conflicts: conflicts.map((one) => words(conflictName(one), one.count, one.decision)).toSorted(),
})

const inModel = (model: Model): Record<string, string[]> => ({
  users: [...model.users.values()]
    .map(({ id, standing, unionid, into, bornAt }) =>
      into === undefined
        ? words(id, standing, unionid, undefined, bornAt)
        : words(id, 'unified', undefined, model.resolve(id), bornAt),
    )
    .toSorted(),
  identities: [...model.homes].map(([name, { user, pinned }]) => words(name, user, pinned ? 1 : 0)).toSorted(),
  sessions: [...model.sessions]
    .map(([id, { identity, live }]) => words(id, model.homes.get(identity)?.user, live))
    .toSorted(),
  conflicts: [...model.conflicts.values()]
    .map(({ identity, unionid, count, decision }) => words(identity, unionid, count, decision))
    .toSorted(),
})

const words = (...said: unknown[]): string => said.join(' ')

/** One record for each unification, undone or not as the model has it. New ones are told apart by whom they absorbed. */
function compareUnifications({ model, tables, unificationIds }: Scene): void {
  const known = new Set(unificationIds.values())
  for (const row of tables.unifications.filter(({ id }) => !known.has(String(id)))) {
    const join = model.joins.find((one) => one.absorbed.id === row.absorbed_id && !unificationIds.has(one))
    assert.ok(join && join.survivor.id === row.survivor_id)
    unificationIds.set(join, String(row.id))
  }
  assert.equal(tables.unifications.length, model.joins.length)
  for (const [join, id] of unificationIds) {
    assert.equal(tables.unifications.find((row) => row.id === id)?.undone_at !== null, join.undone)
  }
}

const AUDITED: Readonly<Record<string, string>> = {
  'user.unified': 'user_unified',
  'user.split': 'unification_undone',
  'user.blocked': 'user_blocked',
  'user.unblocked': 'user_unblocked',
  'user.deleted': 'user_deleted',
}
const AUDIT_KINDS = new Set(Object.values(AUDITED))

/** One outbox row for each thing the product must know, and one audit event for each thing of weight. */
function compareNews({ model, tables, seen }: Scene): void {
  const told = model.told()
  const said = tables.outbox.map((one) =>
    words(one.kind, one.user_id, ...Object.values(JSON.parse(String(one.detail)))),
  )
  assert.deepEqual(said.map((one) => one.trim()).toSorted(), told.toSorted())
  const weighty = tables.audit.filter(({ kind }) => AUDIT_KINDS.has(String(kind)))
  const expected = told
    .map((one) => one.split(' '))
    .filter(([kind = '']) => kind in AUDITED)
    .map(([kind = '', user]) => words(AUDITED[kind], user))
  assert.deepEqual(weighty.map((one) => words(one.kind, one.user_id)).toSorted(), expected.toSorted())
  seen.outbox = Number(tables.outbox.at(-1)?.seq ?? seen.outbox)
  seen.audit = Number(tables.audit.at(-1)?.seq ?? seen.audit)
}

/** I5, through the door that everybody uses: every id ever issued leads to whom the model says. */
export async function everyIdResolves({ stage, model }: Scene): Promise<void> {
  for (const id of model.users.keys()) {
    const found = await stage.store.users.find(id as UserId)
    const user = model.resolve(id)
    assert.equal(found?.user.id, user)
    assert.equal(found?.user.status, model.users.get(user)?.standing)
    assert.deepEqual(found?.user.formerIds.toSorted(), model.formerIds(user).toSorted())
  }
}
