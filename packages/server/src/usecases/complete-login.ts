import type { Act } from '../domain/act.ts'
import type { App } from '../domain/app.ts'
import { assertionInvalid } from '../domain/assertion.ts'
import { newSessionId, newUserId } from '../domain/ids.ts'
import { noSuchApp } from '../domain/no-such.ts'
import type { Lifetimes } from '../domain/session.ts'
import { sha256 } from '../domain/sha256.ts'
import { userBlocked } from '../domain/user-blocked.ts'
import type { LoginFacts, LoginMethod, Logins } from '../ports/logins.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Vault } from '../ports/vault.ts'
import type { WeChatPerson } from '../ports/wechat.ts'
import { issueTokens } from './issue-tokens.ts'
import type { LoginResult } from './login-result.ts'

export interface CompleteLoginDeps {
  logins: Logins
  vault: Vault
  tokens: Tokens
  lifetimes: Lifetimes
}

/** Somebody of whom it is certain who they are, whichever the login method. */
export interface VerifiedLogin {
  /** By the app. */
  act: Act
  app: App
  person: Pick<WeChatPerson, 'openid' | 'unionid' | 'sessionKey'>
  method: LoginMethod
  /** Only where there was a code that works once. */
  codeHash?: Uint8Array | undefined
  nonce?: string | undefined
}

/**
 * The second half of every login: commits it, then signs the tokens, then answers. In this order, so that nobody holds a
 * token of a session that is not in the database.
 *
 * @throws {ProblemError} `user_blocked`; `assertion_invalid`, `app_unknown` where they became so a moment ago
 */
export async function completeLogin(deps: CompleteLoginDeps, login: VerifiedLogin): Promise<LoginResult> {
  const { act, app, person, method } = login
  const facts = factsOf(deps, login)
  const outcome = await deps.logins.commit(facts)
  if (outcome === 'assertion_replayed' || outcome === 'key_revoked') throw assertionInvalid()
  if (outcome === 'app_gone') throw noSuchApp()
  if (!outcome.hasSession) throw userBlocked()
  const user = { ...outcome.user, isNew: outcome.decision === 'create' }
  const session = { id: facts.session.id, openid: person.openid, current: facts.session.step }
  return {
    signedIn: await issueTokens(deps, { app, now: act.now, user, session }),
    event: { appId: app.id, userId: user.id, isNew: user.isNew, decision: outcome.decision, method: method.name },
  }
}

function factsOf({ tokens, vault, lifetimes }: CompleteLoginDeps, login: VerifiedLogin): LoginFacts {
  const { act, app, person, method, codeHash, nonce } = login
  const { openid, unionid, sessionKey } = person
  return {
    act,
    appId: app.id,
    realmId: app.realmId,
    openid,
    unionid,
    sealedSessionKey: sessionKey && vault.seal(sessionKey.reveal(), `session_key ${app.id} ${openid}`),
    code: codeHash && { hash: codeHash, nonceHash: nonce === undefined ? undefined : sha256(nonce) },
    newUserId: newUserId(act.now),
    session: {
      id: newSessionId(act.now),
      step: { ...tokens.nextStep(), generation: 0 },
      idleSince: act.now - lifetimes.idle,
      startedSince: act.now - lifetimes.absolute,
    },
    method,
  }
}
