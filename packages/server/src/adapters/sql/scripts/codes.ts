import type { AppId } from '@hufu/wechat/words'
import type { SessionId } from '../../../domain/ids.ts'
import type { EarlierLogin } from '../../../ports/logins.ts'
import { bytes, number, optional, row, type Script, text } from '../script.ts'
import { owner, sessionById } from './read.ts'

/** What a code led to, as it stands now. */
export const answerTo: Script<{ appId: AppId; codeHash: Uint8Array }, EarlierLogin | undefined> = function* (asked) {
  const found = yield* row(
    'SELECT nonce_hash, session_id, is_new, created_at FROM login_codes WHERE app_id = ? AND code_hash = ?',
    asked.appId,
    asked.codeHash,
  )
  if (!found) return undefined
  const sessionId = optional(text, found.session_id)
  const session = sessionId === undefined ? undefined : yield* sessionById(sessionId as SessionId)
  return {
    createdAt: number(found.created_at),
    nonceHash: optional(bytes, found.nonce_hash),
    isNew: found.is_new === 1,
    session,
    user: session && (yield* owner(session.userId)),
  }
}
