import assert from 'node:assert/strict'
import { appId } from '@hufu/wechat/words'
import type { RealmId, SessionId, UserId } from '../../src/domain/ids.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import type { Conflict, Join } from './identity-model.ts'
import { logIn } from './log-in.ts'
import { actOf, conflictName, pick, type Scene } from './scene.ts'
import type { Step } from './steps.ts'

/** Does one step on the stage and in the model; what comes back must be alike. Says whether anything was asked of the store. */
export async function act(scene: Scene, step: Step): Promise<boolean> {
  const { stage, model } = scene
  switch (step.do) {
    case 'log-in':
      await logIn(scene, step.logins)
      return true
    case 'bind':
      scene.bound[step.app] = step.account
      return false
    case 'renumber':
      scene.numbering[step.app] = (scene.numbering[step.app] ?? 0) + 1
      return false
    case 'clock':
      scene.now += step.by
      return false
    case 'undo':
      return on(
        pickOpen(model.joins, step.which, ({ undone }) => !undone),
        (which) => undo(scene, which),
      )
    case 'resolve':
      return on(
        pickOpen([...model.conflicts.values()], step.which, (one) => one.decision === undefined),
        (which) => resolve(scene, which, step.decision),
      )
    case 'block':
    case 'unblock':
    case 'delete':
      return on(pick([...model.users.keys()], step.which), async (user) => {
        const done = await stage.store.users[step.do]({ act: actOf(scene), userId: user as UserId })
        assert.equal(done, model[step.do](user))
      })
    case 'refresh':
      return on(pick([...scene.tokens.keys()], step.which), (session) => refresh(scene, session))
    case 'log-out':
      return on(pick([...scene.tokens.keys()], step.which), (session) => logOut(scene, session))
    case 'change-realm':
      await changeRealm(scene, step.app)
      return true
    case 'restart':
      await stage.restart()
      return true
  }
}

/** Mostly one that waits to be dealt with, now and then one that was. */
function pickOpen<T>(all: readonly T[], which: number, isOpen: (one: T) => boolean): T | undefined {
  const open = all.filter(isOpen)
  return pick(which % 5 === 0 || open.length === 0 ? all : open, which)
}

async function on<T>(found: T | undefined, work: (found: T) => Promise<void>): Promise<boolean> {
  if (found === undefined) return false
  await work(found)
  return true
}

async function undo(scene: Scene, which: Join): Promise<void> {
  const { reconciliation } = scene.stage.store
  const id = scene.unificationIds.get(which) ?? ''
  const promised = await reconciliation.previewUndo(id)
  const done = await reconciliation.undo({ act: actOf(scene), id })
  assert.deepEqual(done, promised)
  assert.equal('not' in done ? done.not : undefined, scene.model.undo(which))
}

async function resolve(scene: Scene, which: Conflict, decision: 'keep' | 'accept'): Promise<void> {
  const row = scene.tables.conflicts.find((one) => conflictName(one) === `${which.identity} ${which.unionid}`)
  const asked = { act: actOf(scene), id: String(row?.id), decision }
  assert.equal(await scene.stage.store.reconciliation.resolveConflict(asked), 'resolved')
  scene.model.resolveConflict(which, decision)
}

async function refresh(scene: Scene, session: string): Promise<void> {
  const token = scene.tokens.get(session)
  if (!token) return
  const next = { keyNumber: 1, salt: Uint8Array.of(scene.requests, 1) }
  const { verdict, user } = await scene.stage.store.sessions.refresh({
    act: actOf(scene, 'person'),
    sessionId: session as SessionId,
    presented: token.step,
    next,
    lifetimes: LIFETIMES,
  })
  const known = scene.model.sessions.get(session)
  assert.equal(verdict, known?.live ? 'rotate' : 'unknown')
  if (!known?.live) return
  assert.equal(user?.id, scene.model.homes.get(known.identity)?.user)
  token.step = { ...next, generation: token.step.generation + 1 }
}

/** By the id that the user bore when the session began, as the session's first tokens say it. */
async function logOut(scene: Scene, session: string): Promise<void> {
  const { model, stage, tokens } = scene
  const user = tokens.get(session)?.issuedTo
  const known = model.sessions.get(session)
  if (!user || !known) return
  const isTheirs = model.resolve(user) === model.homes.get(known.identity)?.user
  const ended = await stage.store.sessions.end({
    act: actOf(scene, 'person'),
    userId: user as UserId,
    sessionId: session as SessionId,
    reason: 'logout',
  })
  assert.equal(ended, isTheirs && model.logOut(session))
}

async function changeRealm(scene: Scene, app: number): Promise<void> {
  const id = scene.apps[app] ?? ''
  const to = scene.realmOf[app] === 1 ? 0 : 1
  const change = { realmId: scene.realms[to] as RealmId }
  const outcome = await scene.stage.store.registry.changeApp({ act: actOf(scene), appId: appId(id), change })
  const inUse = [...scene.model.homes.values()].some((home) => home.app === id)
  assert.equal(outcome, inUse ? 'has_identities' : 'changed')
  if (!inUse) scene.realmOf[app] = to
}
