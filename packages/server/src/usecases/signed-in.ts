import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import type { UserId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Session } from '../domain/session.ts'
import type { UserStatus } from '../domain/user.ts'
import type { Decision } from '../domain/whose-user.ts'
import type { Tokens } from '../ports/tokens.ts'

/** What a login or a refresh gives. Tokens are plain text here: this object leaves through one door, the reply. */
export interface SignedIn {
  accessToken: string
  refreshToken: string
  /** Seconds. */
  expiresIn: number
  appId: string
  openid: OpenId
  /** The one that Hufu holds for this user. */
  unionid: UnionId | undefined
  user: { id: UserId; isNew: boolean; formerIds: UserId[] }
  /** How it came about; for the log and for those who watch, not for the wire. */
  decision: Decision['kind'] | 'repeat' | 'refresh'
  method: 'code' | 'cloud-function' | 'cloud-run'
}

interface Facts {
  app: Pick<App, 'id' | 'realmId'>
  now: number
  user: { id: UserId; isNew: boolean; formerIds: UserId[]; unionid: UnionId | undefined }
  session: Pick<Session, 'id' | 'openid' | 'current'>
  decision: SignedIn['decision']
  method: SignedIn['method']
}

/** Makes the tokens of a session that is committed. */
export async function signedIn({ tokens }: { tokens: Tokens }, facts: Facts): Promise<SignedIn> {
  const { app, user, session } = facts
  const claims = { userId: user.id, sessionId: session.id, appId: app.id, realmId: app.realmId }
  const access = await tokens.issueAccess(claims, facts.now)
  return {
    accessToken: access.token,
    expiresIn: access.expiresIn,
    refreshToken: tokens.refreshToken(session.id, session.current),
    appId: app.id,
    openid: session.openid,
    unionid: user.unionid,
    user: { id: user.id, isNew: user.isNew, formerIds: user.formerIds },
    decision: facts.decision,
    method: facts.method,
  }
}

/** @throws {ProblemError} `user_blocked` */
export function refuseBlocked(status: UserStatus): void {
  if (status !== 'active')
    throw new ProblemError('user_blocked', 'This user is blocked. Only an operator can change that.')
}
