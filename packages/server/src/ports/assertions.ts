import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import type { CloudKey } from './registry.ts'

/** Whom a cloud function vouches for, with a key that an operator let in. */
export interface VouchedFor {
  app: App
  key: CloudKey
  openId: OpenId
  /** As the cloud function says; whether it counts is a matter of the key. */
  unionId: UnionId | undefined
  jti: string
  /** Milliseconds since 1970, leeway included: afterwards the assertion is refused for its age. */
  expiresAt: number
}

export interface Assertions {
  /** Checks an assertion in every respect but whether it was used before. @throws {IdentityError} `assertion_invalid` */
  read(assertion: string, now: number): Promise<VouchedFor>
}
