import assert from 'node:assert/strict'
import type { LoginFacts } from '../../src/ports/logins.ts'
import { loginFacts } from './facts.ts'
import type { LoginEvent } from './identity-model.ts'
import { actOf, type Scene } from './scene.ts'
import { type Login, NO_ACCOUNT } from './steps.ts'

/** Logins all at once. They count in the order in which they were committed, and so the model hears of them. */
export async function logIn(scene: Scene, logins: Login[]): Promise<void> {
  const { stage, model } = scene
  const asked = logins.map((login) => {
    const { facts, event } = visitOf(scene, login)
    return { request: facts.act.requestId, event, login, outcome: stage.store.logins.commit(facts) }
  })
  for (const { login, outcome } of asked) assert.equal((await outcome) === 'app_gone', login.stale)

  for (const found of await inOrder(
    scene,
    asked.filter(({ login }) => !login.stale),
  )) {
    const outcome = await found.outcome
    assert.ok(typeof outcome === 'object')
    const { decision, user, standing, hasSession } = model.logIn(found.event)
    assert.deepEqual(
      { ...outcome, user: { ...outcome.user, formerIds: outcome.user.formerIds.toSorted() } },
      {
        decision,
        user: {
          id: user,
          status: standing,
          unionid: model.users.get(user)?.unionid,
          formerIds: model.formerIds(user).toSorted(),
        },
        hasSession,
      },
    )
  }
}

async function inOrder<Asked extends { request: string }>({ stage, seen }: Scene, asked: Asked[]): Promise<Asked[]> {
  if (asked.length < 2) return asked
  const committed = await stage.rows(
    "SELECT request_id FROM audit_events WHERE seq > ? AND kind = 'login' ORDER BY seq",
    seen.audit,
  )
  const order = new Map(committed.map(({ request_id }, place) => [request_id, place]))
  assert.equal(order.size, asked.length)
  return asked.toSorted((a, b) => (order.get(a.request) ?? 0) - (order.get(b.request) ?? 0))
}

function visitOf(scene: Scene, { app, person, silent, stale }: Login): { facts: LoginFacts; event: LoginEvent } {
  const account = scene.bound[app] ?? NO_ACCOUNT
  const home = scene.realmOf[app] ?? 0
  const visit = {
    app: scene.apps[app] ?? '',
    realm: scene.realms[home],
    openid: `o${scene.numbering[app]}-${person}-${app}`,
    unionid: account === NO_ACCOUNT || silent ? undefined : `u${account}-${person}`,
  }
  const heard = stale ? scene.realms[home === 1 ? 0 : 1] : visit.realm
  const facts = loginFacts({ ...visit, realm: heard }, scene.now, actOf(scene).requestId)
  scene.tokens.set(facts.session.id, { step: facts.session.step, issuedTo: '' })
  return {
    facts,
    event: {
      ...visit,
      identity: `${visit.app} ${visit.openid}`,
      now: scene.now,
      user: facts.newUserId,
      session: facts.session.id,
    },
  }
}
