import type { AppKind as AppKindOnTheWire } from '@hufu/contract'
import type { AppSecret } from '@hufu/wechat/secret'
import type { AppId } from '@hufu/wechat/words'
import type { RealmId } from './ids.ts'

/** Every kind of app: the compiler refuses a list that lacks one of the wire's, or has one more. */
const KINDS = {
  miniprogram: true,
  'official-account': true,
  website: true,
  mobile: true,
} as const satisfies Record<AppKindOnTheWire, true>

export type AppKind = keyof typeof KINDS

export const isAppKind = (raw: unknown): raw is AppKind => typeof raw === 'string' && Object.hasOwn(KINDS, raw)

export const APP_KINDS: readonly AppKind[] = Object.keys(KINDS).filter(isAppKind)

/**
 * Reads the kind of an app that was written down.
 *
 * @throws {TypeError} for a kind that this version does not know: taken for another, its codes would go to the wrong call
 */
export function readAppKind(raw: unknown): AppKind {
  if (isAppKind(raw)) return raw
  throw new TypeError(`not a kind of app that this version knows (${APP_KINDS.join(', ')})`)
}

/** One AppID in a realm. The secret is wrapped: it prints as a placeholder. */
export interface App {
  id: AppId
  realmId: RealmId
  kind: AppKind
  name: string
  /** Absent where nobody signs in by a code: method two needs none. */
  secret: AppSecret | undefined
  /** Origins of browser pages that may call with CORS: `https://shop.example`, no path. */
  origins: string[]
  createdAt: number
}

/** An app whose codes can be redeemed. */
export type CodeApp = App & { secret: AppSecret }

export const takesCodes = (app: App): app is CodeApp => app.secret !== undefined

/** One user pool: the apps of one owner that are bound to one WeChat Open Platform account. */
export interface Realm {
  id: RealmId
  name: string
  createdAt: number
}
