import assert from 'node:assert/strict'
import type { LoginFacts } from '../../src/ports/logins.ts'
import type { LoginEvent } from './identity-model.ts'
import { loginFacts } from './login-facts.ts'
import { type Login, NO_ACCOUNT } from './scenario.ts'
import { nextAct, type State } from './state.ts'

/**
 * Commits logins all at once. They count in the order in which they were committed, so that is the order in which the model
 * is asked what must have come of each.
 */
export async function applyLogins(state: State, logins: readonly Login[]): Promise<void> {
  const { fixture, model } = state
  const asked = logins.map((login) => {
    const { facts, event } = loginOf(state, login)
    return { requestId: facts.act.requestId, event, login, outcome: fixture.store.logins.commit(facts) }
  })
  for (const { login, outcome } of asked) assert.equal((await outcome) === 'app_gone', login.stale)

  const current = asked.filter(({ login }) => !login.stale)
  for (const { event, outcome } of await inOrderOfCommit(state, current)) {
    const found = await outcome
    assert.ok(typeof found === 'object')
    const { decision, user, status, hasSession } = model.logIn(event)
    const expected = {
      id: user,
      status,
      unionid: model.users.get(user)?.unionid,
      formerIds: model.formerIds(user).sort(),
    }
    assert.deepEqual(
      { ...found, user: { ...found.user, formerIds: found.user.formerIds.toSorted() } },
      { decision, user: expected, hasSession },
    )
  }
}

async function inOrderOfCommit<Asked extends { requestId: string }>(
  { fixture, seen }: State,
  asked: Asked[],
): Promise<Asked[]> {
  if (asked.length < 2) return asked
  const committed = await fixture.rows(
    "SELECT request_id FROM audit_events WHERE seq > ? AND kind = 'login' ORDER BY seq",
    seen.audit,
  )
  const places = new Map(committed.map(({ request_id }, place) => [request_id, place]))
  assert.equal(places.size, asked.length)
  return asked.toSorted((a, b) => (places.get(a.requestId) ?? 0) - (places.get(b.requestId) ?? 0))
}

/** The openid `o<series>-<person>-<app>` and the unionid `u<account>-<person>`, as WeChat would give them out. */
function loginOf(state: State, { app, person, silent, stale }: Login): { facts: LoginFacts; event: LoginEvent } {
  const account = state.accountOf[app] ?? NO_ACCOUNT
  const realm = state.realmOf[app] ?? 0
  const visit = {
    app: state.apps[app] ?? '',
    realm: state.realms[realm],
    openid: `o${state.openidsOf[app]}-${person}-${app}`,
    unionid: account === NO_ACCOUNT || silent ? undefined : `u${account}-${person}`,
  }
  const heardOf = stale ? state.realms[realm === 1 ? 0 : 1] : visit.realm
  const facts = loginFacts({ ...visit, realm: heardOf }, state.now, nextAct(state).requestId)
  state.tokens.set(facts.session.id, { step: facts.session.step, issuedTo: '' })
  const identity = `${visit.app} ${visit.openid}`
  return { facts, event: { ...visit, identity, now: state.now, user: facts.newUserId, session: facts.session.id } }
}
