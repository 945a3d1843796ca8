import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { UserId } from '../domain/ids.ts'
import type { Decision } from '../domain/whose-user.ts'
import type { LoginMethod } from '../ports/logins.ts'

/** What a login or a refresh gives. Tokens are plain text here: this object leaves in one place, the reply. */
export interface SignedIn {
  /** A JWT (RFC 9068); goes into `Authorization: Bearer …` and nowhere else. */
  accessToken: string
  /** Works once: `refresh` gives the next one. */
  refreshToken: string
  /** Life of the access token, in seconds. */
  expiresIn: number
  /** The app through which the person came in. */
  appId: string
  /** The person as this app sees them. */
  openid: OpenId
  /** The one that Hufu holds for this user; undefined where it holds none. */
  unionid: UnionId | undefined
  /** Who they are: our id, whether this login made the user, and the ids they bore before a unification, oldest first. */
  user: { id: UserId; isNew: boolean; formerIds: UserId[] }
}

/** How a login came about, besides what it gives: for those who watch, never for the wire. */
export interface LoginEvent {
  appId: string
  userId: UserId
  isNew: boolean
  /** The row of the table that decided whose user it is; `repeat` where an earlier answer was given again. */
  decision: Decision['kind'] | 'repeat'
  method: LoginMethod['name']
}

/** A committed login. A refresh is none: nobody came in by any method. */
export interface LoginResult {
  signedIn: SignedIn
  event: LoginEvent
}
