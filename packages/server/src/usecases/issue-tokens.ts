import type { UnionId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import type { Session } from '../domain/session.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { SignedIn } from './login-result.ts'

interface Committed {
  app: Pick<App, 'id' | 'realmId'>
  now: number
  user: SignedIn['user'] & { unionid: UnionId | undefined }
  session: Pick<Session, 'id' | 'openid' | 'current'>
}

/** Makes the tokens of a session that is committed. */
export async function issueTokens({ tokens }: { tokens: Tokens }, committed: Committed): Promise<SignedIn> {
  const { app, user, session } = committed
  const claims = { userId: user.id, sessionId: session.id, appId: app.id, realmId: app.realmId }
  const access = await tokens.issueAccess(claims, committed.now)
  return {
    accessToken: access.token,
    expiresIn: access.expiresIn,
    refreshToken: tokens.refreshToken(session.id, session.current),
    appId: app.id,
    openid: session.openid,
    unionid: user.unionid,
    user: { id: user.id, isNew: user.isNew, formerIds: user.formerIds },
  }
}
