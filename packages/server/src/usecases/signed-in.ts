import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { UserId } from '../domain/ids.ts'
import type { Decision } from '../domain/whose-user.ts'
import type { LoginMethod } from '../ports/logins.ts'

/** What a login or a refresh gives. Tokens are plain text here: this object leaves in one place, the reply. */
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
  method: LoginMethod['name']
}
