import { type AppId, appId } from '@hufu/wechat/words'
import { APP_KINDS, type AppKind, isAppKind } from './app.ts'
import { isRealmId, type RealmId } from './ids.ts'
import { ProblemError } from './problem-error.ts'

// What an operator says of an app or a realm, field by field. Each throws `invalid_request`, which names the field.

export function readAppId(raw: string): AppId {
  try {
    return appId(raw)
  } catch {
    throw wrong('appId (letters, digits, - and _; WeChat shows it as wx and 16 characters)')
  }
}

export function readRealmId(raw: string): RealmId {
  if (isRealmId(raw)) return raw
  throw wrong('realm (1 to 64 of a-z, 0-9 and -)')
}

export function readAppKind(raw: string): AppKind {
  if (isAppKind(raw)) return raw
  throw wrong(`kind (${APP_KINDS.join(', ')})`)
}

export function readAppSecret(raw: string): string {
  if (/^[\w-]{8,128}$/.test(raw)) return raw
  throw wrong('secret (the AppSecret as mp.weixin.qq.com shows it, 32 characters)')
}

export function readOrigin(raw: string): string {
  const origin = URL.parse(raw)?.origin
  if (origin === raw && /^https?:/.test(raw)) return raw
  throw wrong('origins (each like https://shop.example, without a path)')
}

const wrong = (field: string): ProblemError => new ProblemError('invalid_request', `Wrong: ${field}.`)
