import type { Platform, User } from './types.ts'

export interface Session {
  accessToken: string
  refreshToken: string
  /** From here on (milliseconds since 1970 by the phone's clock) the next request gets a new token first. */
  renewAt: number
  expiresAt: number
  user: User
}

/** A session; `null` after a logout; `undefined` when nobody has signed in yet. */
export type Kept = Session | null | undefined

export interface SessionStorage {
  read(): Kept
  write(next: Kept): void
}

const key = 'hufu:session'

/**
 * Where the session lives: the phone's storage, which every copy of this package in the app shares, with memory
 * behind it for when storage throws. Storage is believed only when it has changed since we last looked, so a write
 * that failed does not bring an older session back.
 *
 * @param madeWith names server, app, version and person; what was stored under other names is not ours
 */
export function sessionStorage(platform: Platform, madeWith: string): SessionStorage {
  let kept: Kept
  let seen: unknown = ''
  return {
    read() {
      try {
        const raw = platform.getStorageSync(key)
        if (raw !== seen) {
          seen = raw
          const box = JSON.parse(raw as string)
          if (box.of === madeWith && (!box.session || box.session.user.id)) kept = box.session
        }
      } catch {
        // Unreadable, or not our words: memory has the last word.
      }
      return kept
    },
    write(next) {
      kept = next
      try {
        const raw = JSON.stringify({ of: madeWith, session: next }, (name, value) =>
          name === 'isNew' ? undefined : value,
        )
        platform.setStorageSync(key, raw)
        seen = raw
      } catch {
        try {
          platform.removeStorageSync(key)
        } catch {
          // Nothing can be stored or removed: the session lives in memory until the app closes.
        }
      }
    },
  }
}
