import { appId, openid, unionid } from '@hufu/wechat/words'
import { newSessionId, newUserId, type RealmId } from '../../src/domain/ids.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import type { LoginFacts } from '../../src/ports/logins.ts'

/** Who logs in, in WeChat’s words. */
export interface Visit {
  app: string
  realm: string
  openid: string
  unionid: string | undefined
}

/** Everybody's session_key, to see that nothing but a unionid ever joins people (I9, T13). */
const SAME_KEY = Uint8Array.from({ length: 40 }, () => 7)

/** What a login commits, as the use case would gather it. */
export function loginFacts(visit: Visit, now: number, requestId: string): LoginFacts {
  const app = appId(visit.app)
  return {
    act: { actor: `app:${app}`, requestId, now },
    appId: app,
    realmId: visit.realm as RealmId,
    openid: openid(visit.openid),
    unionid: visit.unionid === undefined ? undefined : unionid(visit.unionid),
    sealedSessionKey: SAME_KEY,
    code: undefined,
    newUserId: newUserId(now),
    session: {
      id: newSessionId(now),
      step: { generation: 0, keyNumber: 1, salt: new Uint8Array(16) },
      idleSince: now - LIFETIMES.idle,
      startedSince: now - LIFETIMES.absolute,
    },
    method: { name: 'code' },
  }
}
