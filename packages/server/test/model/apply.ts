import assert from 'node:assert/strict'
import { appId } from '@hufu/wechat/words'
import type { RealmId, SessionId, UserId } from '../../src/domain/ids.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import { applyLogins } from './apply-logins.ts'
import type { Conflict, Unification } from './identity-model.ts'
import { pick, type Step } from './scenario.ts'
import { nextAct, type State } from './state.ts'
import { conflictName } from './tables.ts'

/** Does one step to the store and to the model; what comes back must be alike. Says whether the store was asked anything. */
export async function apply(state: State, step: Step): Promise<boolean> {
  const { fixture, model } = state
  switch (step.do) {
    case 'log-in':
      await applyLogins(state, step.logins)
      return true
    case 'bind':
      state.accountOf[step.app] = step.account
      return false
    case 'change-openids':
      state.openidsOf[step.app] = (state.openidsOf[step.app] ?? 0) + 1
      return false
    case 'clock':
      state.now += step.by
      return false
    case 'undo':
      return withOne(
        pickOpen(model.unifications, step.which, ({ undone }) => !undone),
        (which) => undo(state, which),
      )
    case 'resolve':
      return withOne(
        pickOpen([...model.conflicts.values()], step.which, ({ decision }) => decision === undefined),
        (which) => resolveConflict(state, which, step.decision),
      )
    case 'block':
    case 'unblock':
    case 'delete':
      return withOne(pick([...model.users.keys()], step.which), async (user) => {
        const done = await fixture.store.users[step.do]({ act: nextAct(state), userId: user as UserId })
        assert.equal(done, model[step.do](user))
      })
    case 'refresh':
      return withOne(pick([...state.tokens.keys()], step.which), (session) => refresh(state, session))
    case 'log-out':
      return withOne(pick([...state.tokens.keys()], step.which), (session) => logOut(state, session))
    case 'change-realm':
      await changeRealm(state, step.app)
      return true
    case 'restart':
      await fixture.restart()
      return true
  }
}

/** Mostly one that waits to be dealt with, now and then one that was. */
function pickOpen<T>(all: readonly T[], which: number, isOpen: (one: T) => boolean): T | undefined {
  const open = all.filter(isOpen)
  return pick(which % 5 === 0 || open.length === 0 ? all : open, which)
}

async function withOne<T>(found: T | undefined, work: (found: T) => Promise<void>): Promise<boolean> {
  if (found === undefined) return false
  await work(found)
  return true
}

async function undo(state: State, which: Unification): Promise<void> {
  const { reconciliation } = state.fixture.store
  const id = state.unificationIds.get(which) ?? ''
  const preview = await reconciliation.previewUndo(id)
  const done = await reconciliation.undo({ act: nextAct(state), id })
  assert.deepEqual(done, preview)
  assert.equal('not' in done ? done.not : undefined, state.model.undo(which))
}

async function resolveConflict(state: State, which: Conflict, decision: 'keep' | 'accept'): Promise<void> {
  const row = state.tables.conflicts.find((one) => conflictName(one) === `${which.identity} ${which.unionid}`)
  const asked = { act: nextAct(state), id: String(row?.id), decision }
  assert.equal(await state.fixture.store.reconciliation.resolveConflict(asked), 'resolved')
  state.model.resolveConflict(which, decision)
}

async function refresh(state: State, session: string): Promise<void> {
  const token = state.tokens.get(session)
  if (!token) return
  const next = { keyNumber: 1, salt: Uint8Array.of(state.requests, 1) }
  const { verdict, user } = await state.fixture.store.sessions.refresh({
    act: nextAct(state, 'person'),
    sessionId: session as SessionId,
    presented: token.step,
    next,
    lifetimes: LIFETIMES,
  })
  const known = state.model.sessions.get(session)
  assert.equal(verdict, known?.live ? 'rotate' : 'unknown')
  if (!known?.live) return
  assert.equal(user?.id, state.model.identities.get(known.identity)?.user)
  token.step = { ...next, generation: token.step.generation + 1 }
}

/** By the id that the user bore when the session began, as the session's first tokens say it. */
async function logOut(state: State, session: string): Promise<void> {
  const { model, fixture, tokens } = state
  const user = tokens.get(session)?.issuedTo
  const known = model.sessions.get(session)
  if (!user || !known) return
  const isTheirs = model.resolve(user) === model.identities.get(known.identity)?.user
  const ended = await fixture.store.sessions.end({
    act: nextAct(state, 'person'),
    userId: user as UserId,
    sessionId: session as SessionId,
    reason: 'logout',
  })
  assert.equal(ended, isTheirs && model.logOut(session))
}

async function changeRealm(state: State, app: number): Promise<void> {
  const id = state.apps[app] ?? ''
  const to = state.realmOf[app] === 1 ? 0 : 1
  const change = { realmId: state.realms[to] as RealmId }
  const outcome = await state.fixture.store.registry.changeApp({ act: nextAct(state), appId: appId(id), change })
  const isUsed = [...state.model.identities.values()].some((one) => one.app === id)
  assert.equal(outcome, isUsed ? 'has_identities' : 'changed')
  if (!isUsed) state.realmOf[app] = to
}
