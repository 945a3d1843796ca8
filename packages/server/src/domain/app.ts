import type { AppKind } from '@hufu/contract'
import { APP_KINDS } from '@hufu/contract/data'
import type { AppSecret } from '@hufu/wechat/secret'
import type { AppId } from '@hufu/wechat/words'
import type { RealmId } from './ids.ts'

export { APP_KINDS, type AppKind }

export const isAppKind = (raw: unknown): raw is AppKind => (APP_KINDS as readonly unknown[]).includes(raw)

/**
 * Reads the kind of an app that was written down.
 *
 * @throws {TypeError} for a kind that this version does not know: taken for another, its codes would go to the wrong call
 */
export function storedAppKind(raw: unknown): AppKind {
  if (isAppKind(raw)) return raw
  throw new TypeError(`not a kind of app that this version knows (${APP_KINDS.join(', ')})`)
}

/** One AppID in a realm. The secret is wrapped: it prints as a placeholder. */
export interface App {
  id: AppId
  realmId: RealmId
  kind: AppKind
  name: string
  /** Absent where nobody signs in by a code: cloud functions and Cloud Run need none. */
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
