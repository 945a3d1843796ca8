import { hash } from 'node:crypto'
import type { Act } from '../domain/act.ts'
import { type App, type CodeApp, takesCodes } from '../domain/app.ts'
import { assertionInvalid } from '../domain/assertion.ts'
import { newSessionId, newUserId, type SessionId, type UserId } from '../domain/ids.ts'
import { type PostedCode, readLoginCode } from '../domain/login-code.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { isOver, type Lifetimes, type RefreshStep, type Session } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Events } from '../ports/events.ts'
import type { EarlierLogin, LoginFacts, LoginMethod, Logins } from '../ports/logins.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Vault } from '../ports/vault.ts'
import type { WeChat, WeChatPerson } from '../ports/wechat.ts'
import type { CodeMemory } from './code-memory.ts'
import { refuseBlocked, type SignedIn, signedIn } from './signed-in.ts'

export interface LogInDeps {
  directory: Directory
  wechat: WeChat
  logins: Logins
  events: Events
  vault: Vault
  tokens: Tokens
  clock: Clock
  codes: CodeMemory
  lifetimes: Lifetimes
  development: boolean
}

export interface LogInInput {
  appId: string
  code: string
  nonce: string | undefined
  requestId: string
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

/**
 * Turns a code into a session of ours, creating the user on a first visit. Posted again within a minute, the same code
 * gives the same session and costs WeChat nothing.
 *
 * @throws {ProblemError} `app_unknown`, `code_invalid`, `code_spent`, `user_blocked`, `snapshot_user`, `rate_limited`,
 *   `server_misconfigured`, `upstream_busy`, `upstream_unavailable`, `upstream_error`, `unavailable`
 */
export async function logIn(deps: LogInDeps, input: LogInInput): Promise<SignedIn> {
  const app = deps.directory.app(input.appId)
  if (!app) throw appUnknown()
  if (!takesCodes(app)) throw noSecret()
  const posted = readLoginCode(input.code, deps)
  if (posted.reusable) return redeem(deps, app, posted, input, undefined)

  const codeHash = sha256(`${app.id} ${posted.code}`)
  const earlier = deps.codes.earlier(codeHash)
  if (earlier) {
    await earlier // a failure of the first post is the answer to the repeat as well
    return repeat(deps, app, codeHash, input)
  }
  const first = redeem(deps, app, posted, input, codeHash)
  deps.codes.hold(codeHash, first)
  return first
}

async function redeem(
  deps: LogInDeps,
  app: CodeApp,
  { code }: PostedCode,
  input: LogInInput,
  codeHash: Uint8Array | undefined,
): Promise<SignedIn> {
  let person: WeChatPerson
  try {
    person = await deps.wechat.identify(app, code, input.clientAddress)
  } catch (error) {
    const answered = codeHash && mayBeAnswered(error) && (await deps.logins.findByCode({ appId: app.id, codeHash }))
    if (answered) return answerAgain(deps, app, answered, input)
    throw await refused(deps, app, input, error)
  }
  if (person.snapshot) {
    throw await refused(
      deps,
      app,
      input,
      new ProblemError(
        'snapshot_user',
        'WeChat opened the page in snapshot mode, with a virtual account. Ask the person to press "use full service".',
      ),
    )
  }
  return completeLogin(deps, {
    app,
    person,
    method: { name: 'code' },
    codeHash,
    nonce: input.nonce,
    requestId: input.requestId,
  })
}

/** Somebody whom WeChat vouches for, at one of the doors. */
export interface VerifiedLogin {
  app: App
  person: Pick<WeChatPerson, 'openid' | 'unionid' | 'sessionKey'>
  method: LoginMethod
  /** Only where there was a code. */
  codeHash?: Uint8Array | undefined
  nonce?: string | undefined
  requestId: string
}

/** Commits the login of a known person and signs the tokens, in this order. */
export async function completeLogin(deps: LogInDeps, entrance: VerifiedLogin): Promise<SignedIn> {
  const { app, person, method } = entrance
  const facts = loginFacts(deps, entrance)
  const outcome = await deps.logins.commit(facts)
  if (outcome === 'assertion_replayed' || outcome === 'key_revoked') throw assertionInvalid()
  if (outcome === 'app_gone') throw appUnknown()
  refuseBlocked(outcome.user.status)
  return signedIn(deps, {
    app,
    now: facts.act.now,
    user: { ...outcome.user, isNew: outcome.decision === 'create' },
    session: { id: facts.session.id, openid: person.openid, current: facts.session.step },
    decision: outcome.decision,
    method: method.name,
  })
}

function loginFacts(deps: LogInDeps, { app, person, method, codeHash, nonce, requestId }: VerifiedLogin): LoginFacts {
  const now = deps.clock.now()
  const step: RefreshStep = { ...deps.tokens.nextStep(), generation: 0 }
  const session: SessionId = newSessionId(now)
  const user: UserId = newUserId(now)
  return {
    act: { actor: `app:${app.id}`, requestId, now },
    appId: app.id,
    realmId: app.realmId,
    openid: person.openid,
    unionid: person.unionid,
    sealedSessionKey:
      person.sessionKey && deps.vault.seal(person.sessionKey.reveal(), `session_key ${app.id} ${person.openid}`),
    code: codeHash && { hash: codeHash, nonceHash: nonce === undefined ? undefined : sha256(nonce) },
    newUserId: user,
    session: {
      id: session,
      step,
      idleSince: now - deps.lifetimes.idle,
      startedSince: now - deps.lifetimes.absolute,
    },
    method,
  }
}

async function repeat(deps: LogInDeps, app: App, codeHash: Uint8Array, input: LogInInput): Promise<SignedIn> {
  const answered = await deps.logins.findByCode({ appId: app.id, codeHash })
  if (!answered) throw spent()
  return answerAgain(deps, app, answered, input)
}

/** The answer to a code that led to a login before: the same session again, to the one who posted it, for a minute. */
async function answerAgain(deps: LogInDeps, app: App, answer: EarlierLogin, input: LogInInput): Promise<SignedIn> {
  const now = deps.clock.now()
  if (answer.nonceHash && !isNonce(input.nonce, answer.nonceHash)) {
    const entry = { kind: 'code_replayed', outcome: 'refused', appId: app.id } as const
    await deps.events.record({
      act: { actor: `app:${app.id}`, requestId: input.requestId, now },
      entry: answer.session ? { ...entry, userId: answer.session.userId, sessionId: answer.session.id } : entry,
    })
    throw spent()
  }
  const { session, user } = answer
  const fresh =
    now - answer.createdAt < deps.lifetimes.codeMemory && now >= answer.createdAt - deps.lifetimes.codeMemory
  if (!fresh || !session || !user || user.status !== 'active' || !isUntouched(session, now, deps.lifetimes))
    throw spent()
  return signedIn(deps, {
    app,
    now,
    user: { ...user, isNew: answer.isNew },
    session,
    decision: 'repeat',
    method: 'code',
  })
}

const isUntouched = (session: Session, now: number, lifetimes: Lifetimes): boolean =>
  !session.ended && session.current.generation === 0 && !isOver(session, now, lifetimes)

const isNonce = (nonce: string | undefined, expected: Uint8Array): boolean =>
  nonce !== undefined && Buffer.compare(sha256(nonce), expected) === 0

/** WeChat says so too when another process, or this one before a restart, redeemed the code a moment ago. */
const mayBeAnswered = (error: unknown): boolean =>
  error instanceof ProblemError && (error.code === 'code_spent' || error.code === 'code_invalid')

export const appUnknown = (): ProblemError =>
  new ProblemError('app_unknown', 'This server does not know the app. An operator adds it with: hufu app add')

const noSecret = (): ProblemError =>
  new ProblemError(
    'server_misconfigured',
    'This app was added without its AppSecret, so nobody signs in by a code. An operator gives it with: hufu app rotate-secret',
  )

const spent = (): ProblemError =>
  new ProblemError('code_spent', 'This code was used. Call wx.login again and send the new code.')

/** Writes the refusal down when it says something about the person or the code, and hands it back to be thrown. */
async function refused(deps: LogInDeps, app: App, input: LogInInput, error: unknown): Promise<unknown> {
  if (!(error instanceof ProblemError)) return error
  const act: Act = { actor: `app:${app.id}`, requestId: input.requestId, now: deps.clock.now() }
  await deps.events.record({
    act,
    entry: { kind: 'login_refused', outcome: 'refused', appId: app.id, detail: { code: error.code } },
  })
  return error
}

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer')
