import type { Act } from '../domain/act.ts'
import type { App } from '../domain/app.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { isOver, type Lifetimes, type Session } from '../domain/session.ts'
import { sha256 } from '../domain/sha256.ts'
import type { Events } from '../ports/events.ts'
import type { EarlierLogin, Logins } from '../ports/logins.ts'
import type { Tokens } from '../ports/tokens.ts'
import { issueTokens } from './issue-tokens.ts'
import type { LoginResult } from './login-result.ts'

export interface RepeatLoginDeps {
  logins: Logins
  events: Events
  tokens: Tokens
  lifetimes: Lifetimes
}

interface RepeatLoginInput {
  act: Act
  app: App
  codeHash: Uint8Array
  nonce: string | undefined
}

/**
 * The same session once more, for a code that led to a login less than a minute ago: a client whose answer was lost posts
 * it again. Undefined when the code led to no login that we know of.
 *
 * @throws {ProblemError} `code_spent` when this is not who posted it first, when it was too long ago, or when the session
 *   has been used since, has ended, or never began
 */
export async function repeatLogin(deps: RepeatLoginDeps, input: RepeatLoginInput): Promise<LoginResult | undefined> {
  const { act, app, codeHash, nonce } = input
  const earlier = await deps.logins.findByCode({ appId: app.id, codeHash })
  if (!earlier) return undefined
  if (earlier.nonceHash && !isNonce(nonce, earlier.nonceHash)) {
    await recordReplay(deps.events, act, app, earlier.session)
    throw codeSpent()
  }
  const { session, user, isNew } = earlier
  const mayRepeat = session && isRecent(earlier, act.now, deps.lifetimes) && isUnused(session, act.now, deps.lifetimes)
  if (!mayRepeat || user?.status !== 'active') throw codeSpent()
  return {
    signedIn: await issueTokens(deps, { app, now: act.now, user: { ...user, isNew }, session }),
    event: { appId: app.id, userId: user.id, isNew, decision: 'repeat', method: 'code' },
  }
}

/** In both directions: a clock that steps back must not lengthen the minute. */
const isRecent = ({ createdAt }: EarlierLogin, now: number, { codeMemory }: Lifetimes): boolean =>
  now - createdAt < codeMemory && now >= createdAt - codeMemory

const isUnused = (session: Session, now: number, lifetimes: Lifetimes): boolean =>
  !session.ended && session.current.generation === 0 && !isOver(session, now, lifetimes)

const isNonce = (nonce: string | undefined, expected: Uint8Array): boolean =>
  nonce !== undefined && Buffer.compare(sha256(nonce), expected) === 0

async function recordReplay(events: Events, act: Act, app: App, session: Session | undefined): Promise<void> {
  const whose = session ? { userId: session.userId, sessionId: session.id } : {}
  await events.record({ act, entry: { kind: 'code_replayed', outcome: 'refused', appId: app.id, ...whose } })
}

export const codeSpent = (): ProblemError =>
  new ProblemError('code_spent', 'This code was used. Call wx.login again and send the new code.')
