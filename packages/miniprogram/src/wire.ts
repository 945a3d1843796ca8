import type { LoginReply, Problem } from '@hufu/contract'
import { fail, merge } from './errors.ts'
import type { Session } from './session-storage.ts'
import type { HufuError, HufuErrorCode, Reply, User } from './types.ts'

/** An object of which nothing is known to be there. */
export const membersOf = <Shape>(value: unknown): Partial<Shape> => (typeof value === 'object' && value ? value : {})

/**
 * What a login or a refresh answered. A refresh may leave out what it did not change.
 *
 * @throws {HufuError} `bad_reply` when this is not the answer of a Hufu server
 */
export function toSession(data: unknown, before?: User): Session {
  const { accessToken, refreshToken, expiresIn, openid, unionid, user } = membersOf<LoginReply>(data)
  const { id, formerIds, isNew } = membersOf<User>(user || before)
  if (!accessToken || !refreshToken || !expiresIn || !id) throw fail('bad_reply', {})
  const now = Date.now()
  const life = expiresIn * 1000
  return {
    accessToken,
    refreshToken,
    // A fifteenth of its life early: a minute, for the usual quarter of an hour.
    renewAt: now + (life * 14) / 15,
    expiresAt: now + life,
    user: merge({ id, formerIds: formerIds || [], isNew: !!isNew }, openid ? { openid, unionid } : {}),
  }
}

/** Why a server that is not content is not content. */
export function refusal({ statusCode, data, header }: Reply): HufuError {
  const { code, requestId, retryAfter } = membersOf<Problem>(data)
  const problem = code && String(code)
  return fail(reasonOf(statusCode, problem), {
    status: statusCode,
    problem,
    requestId,
    retryAfter: Number(retryAfter || header['retry-after']) || undefined,
  })
}

function reasonOf(status: number, problem = ''): HufuErrorCode {
  if (isTerminal(problem)) return problem
  if (/^code_(invalid|spent)$/.test(problem)) return 'code_refused'
  if (status === 429 || status >= 500) return 'busy'
  return problem ? 'refused' : 'bad_reply'
}

/** Whether asking again can change nothing: this person may not come in. */
export function isTerminal(code: string): code is 'user_blocked' | 'risk_refused' | 'snapshot_user' {
  return /^(user_blocked|risk_refused|snapshot_user)$/.test(code)
}
