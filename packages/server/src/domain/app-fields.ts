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

/** What is asked of an app's fields: a simulated WeChat knows apps that the real one cannot have. */
export interface AppFieldRules {
  development: boolean
}

/** The AppID of an app that is to be added. What WeChat calls otherwise is named (WeChat shows its ids side by side). */
export function readNewAppId(raw: string, { development }: AppFieldRules): AppId {
  const mistake = MISTAKES.find(([pattern]) => pattern.test(raw))?.[1]
  if (mistake) throw wrong(`appId. ${mistake}`)
  if (development || /^wx[0-9a-f]{16}$/.test(raw)) return readAppId(raw)
  throw wrong(`appId. An AppID is wx and 16 of 0-9 and a-f; this has ${raw.length} characters. ${WHERE}`)
}

const WHERE =
  'It stands at mp.weixin.qq.com, 开发管理 → 开发设置 (websites and mobile apps: open.weixin.qq.com, 管理中心)'
const MISTAKES: [RegExp, string][] = [
  [/^gh_/i, `This is the original id (原始ID) of an account, not its AppID, which begins with wx. ${WHERE}`],
  [/^ww[0-9a-f]{16}$/i, 'This is a corp id of WeCom (企业微信), which Hufu does not serve'],
  [/^[0-9a-f]{32}$/i, `This looks like an AppSecret; the AppID begins with wx. ${WHERE}`],
  [/^(?:W[Xx]|wX|wx(?=.*[A-F]))[0-9a-fA-F]{16}$/, 'An AppID is written in small letters'],
]

export function readRealmId(raw: string): RealmId {
  if (isRealmId(raw)) return raw
  throw wrong('realm (1 to 64 of a-z, 0-9 and -)')
}

export function readAppKind(raw: string): AppKind {
  if (isAppKind(raw)) return raw
  throw wrong(`kind (${APP_KINDS.join(', ')})`)
}

export function readAppSecret(raw: string, { development }: AppFieldRules): string {
  if (development ? /^[\w-]{8,128}$/.test(raw) : /^[\w-]{32}$/.test(raw)) return raw
  throw wrong(`secret (the AppSecret as mp.weixin.qq.com shows it: 32 characters; this has ${raw.length})`)
}

export function readOrigin(raw: string): string {
  const origin = URL.parse(raw)?.origin
  if (origin === raw && /^https?:/.test(raw)) return raw
  throw wrong('origins (each like https://shop.example, without a path)')
}

const wrong = (field: string): ProblemError => new ProblemError('invalid_request', `Wrong: ${field}.`)
