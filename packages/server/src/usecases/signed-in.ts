import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import { IdentityError } from '../domain/errors.ts'
import type { UserId } from '../domain/ids.ts'
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
  openId: OpenId
  /** The one that Hufu holds for this user. */
  unionId: UnionId | undefined
  user: { id: UserId; isNew: boolean; formerIds: UserId[] }
  /** How it came about; for the log and for those who watch, not for the wire. */
  decision: Decision['kind'] | 'repeat' | 'refresh'
  door: 'code' | 'cloud' | 'container'
}

interface Facts {
  app: Pick<App, 'id' | 'realm'>
  now: number
  user: { id: UserId; isNew: boolean; formerIds: UserId[]; unionId: UnionId | undefined }
  session: Pick<Session, 'id' | 'openId' | 'current'>
  decision: SignedIn['decision']
  door: SignedIn['door']
}

/** Makes the tokens of a session that is committed. */
export async function signedIn({ tokens }: { tokens: Tokens }, facts: Facts): Promise<SignedIn> {
  const { app, user, session } = facts
  const claims = { user: user.id, session: session.id, appId: app.id, realm: app.realm }
  const access = await tokens.issueAccess(claims, facts.now)
  return {
    accessToken: access.token,
    expiresIn: access.expiresIn,
    refreshToken: tokens.refreshToken(session.id, session.current),
    appId: app.id,
    openId: session.openId,
    unionId: user.unionId,
    user: { id: user.id, isNew: user.isNew, formerIds: user.formerIds },
    decision: facts.decision,
    door: facts.door,
  }
}

/** @throws {IdentityError} `user_blocked` */
export function refuseBlocked(status: UserStatus): void {
  if (status !== 'active')
    throw new IdentityError('user_blocked', 'This user is blocked. Only an operator can change that.')
}
