import assert from 'node:assert/strict'
import type { UserId } from '../../src/domain/ids.ts'
import type { Store } from '../../src/ports/store.ts'
import { MORNING } from '../fixture/time.ts'
import { checkDatabase } from './invariants.ts'
import { loginFacts } from './login-facts.ts'
import { addApp, addRealm } from './state.ts'
import type { Row, StoreFixture } from './store-fixture.ts'

/** One transaction that changes who is whose user, ready to be run whole or cut short. */
export type Change = (
  | ChangeOf<'logins', 'commit'>
  | ChangeOf<'reconciliation', 'resolveConflict'>
  | ChangeOf<'reconciliation', 'undo'>
  | ChangeOf<'users', 'delete'>
) & {
  /** Every user id there is, and whose it is before and after. */
  before: Owners
  after: Owners
}

/** A method of the store by its name, and what it is given. */
type ChangeOf<Port extends keyof Store, Method extends keyof Store[Port]> = {
  address: { port: Port; method: Method }
  input: Store[Port][Method] extends (input: infer Input) => unknown ? Input : never
}
type Owners = readonly (readonly [id: UserId, to: UserId])[]

const APPS = ['wx-a', 'wx-b', 'wx-c', 'wx-d'] as const
type App = (typeof APPS)[number]

/** What a person who was several users can go through; each makes its own people in the store that it is given. */
export const changes: Record<string, (store: Store) => Promise<Change>> = {
  async 'a unification by a login'(store) {
    const { elder, younger, former, visit } = await twoUsers(store, undefined)
    return {
      address: { port: 'logins', method: 'commit' },
      input: visit('wx-a', 'u-2'),
      ...becomeOne(elder, younger, former),
    }
  },
  async 'a unification by an accepted conflict'(store) {
    const { elder, younger, former, logIn } = await twoUsers(store, 'u-1')
    await logIn('wx-b', 'u-1')
    const [conflict] = await store.reconciliation.listConflicts({ after: undefined, limit: 1, open: true })
    const input = { act: act(), id: conflict?.id ?? '', decision: 'accept' as const }
    return {
      address: { port: 'reconciliation', method: 'resolveConflict' },
      input,
      ...becomeOne(elder, younger, former),
    }
  },
  async 'the undoing of a unification'(store) {
    const { elder, younger, former } = await oneUser(store)
    const [last] = await store.reconciliation.listUnifications({ after: undefined, limit: 1 })
    const { before, after } = becomeOne(elder, younger, former)
    return {
      address: { port: 'reconciliation', method: 'undo' },
      input: { act: act(), id: last?.id ?? '' },
      before: after,
      after: before,
    }
  },
  async 'the deletion of somebody with former ids'(store) {
    const { elder, younger, former } = await oneUser(store)
    const { after } = becomeOne(elder, younger, former)
    return {
      address: { port: 'users', method: 'delete' },
      input: { act: act(), userId: younger },
      before: after,
      after,
    }
  },
}

const becomeOne = (elder: UserId, younger: UserId, former: UserId): Pick<Change, 'before' | 'after'> => ({
  before: [
    [elder, elder],
    [younger, younger],
    [former, younger],
  ],
  after: [
    [elder, elder],
    [younger, elder],
    [former, elder],
  ],
})

/** An elder user with one identity, and a younger one who was two before. */
async function twoUsers(store: Store, unionid: string | undefined) {
  const { visit, logIn } = await people(store)
  const elder = await logIn('wx-a', unionid)
  const younger = await logIn('wx-b', undefined)
  const former = await logIn('wx-c', undefined)
  await logIn('wx-b', 'u-2')
  await logIn('wx-c', 'u-2')
  return { elder, younger, former, visit, logIn }
}

async function oneUser(store: Store) {
  const { logIn, ...ids } = await twoUsers(store, undefined)
  await logIn('wx-a', 'u-2')
  await logIn('wx-d', 'u-2')
  return ids
}

async function people(store: Store) {
  await addRealm(store, 'one', MORNING)
  for (const app of APPS) await addApp(store, app, 'one', MORNING)
  let now = MORNING
  const visit = (app: App, unionid: string | undefined) =>
    loginFacts({ app, realm: 'one', openid: `o-${app}`, unionid }, ++now, `req ${now}`)
  const logIn = async (app: App, unionid: string | undefined): Promise<UserId> => {
    const outcome = await store.logins.commit(visit(app, unionid))
    assert.ok(typeof outcome === 'object')
    return outcome.user.id
  }
  return { visit, logIn }
}

const act = () => ({ actor: 'operator', requestId: 'req', now: MORNING + 1000 })

const TABLES = ['users', 'identities', 'sessions', 'conflicts', 'unifications', 'audit_events', 'outbox', 'login_codes']

/** Everything that a change could have touched, row by row. */
export async function wholeContent(fixture: Pick<StoreFixture, 'rows'>): Promise<Record<string, Row[]>> {
  const content: Record<string, Row[]> = {}
  for (const table of TABLES) content[table] = (await fixture.rows(`SELECT * FROM ${table}`)).map((row) => ({ ...row }))
  for (const rows of Object.values(content)) rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return content
}

/** The invariants hold, and every user id is whose it should be. */
export async function checkOwners(fixture: StoreFixture, owners: Owners): Promise<void> {
  await checkDatabase(fixture)
  for (const [id, to] of owners) assert.equal((await fixture.store.users.find(id))?.user.id, to)
}
