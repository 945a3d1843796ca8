import { ProblemError, problemOf } from './errors.ts'
import type { Reply } from './post.ts'
import type { LoginReply, Problem } from './wire.ts'

/** What the mini program finds in `result`: a session, or `{ problem }`. */
export type LoginResult = LoginReply | { problem: Problem }

/**
 * Tells a session from a refusal, and both from what a proxy, a firewall or a wrong address may answer.
 *
 * @param requestId names this invocation, for a problem that the server has not named.
 */
export function readReply(reply: Reply, requestId: string): LoginResult {
  const body = parse(reply.text)
  if (reply.status === 200 && isLoginReply(body)) return body
  if (reply.status >= 400 && isProblem(body)) {
    const { type, title, status, code, detail, retryAfter } = body
    const wait = typeof retryAfter === 'number' ? { retryAfter } : {}
    return { problem: { type, title, status, code, detail, requestId: body.requestId || requestId, ...wait } }
  }
  return { problem: problemOf(notHufu(reply), requestId) }
}

function notHufu({ status, retryAfter }: Reply): ProblemError {
  const wait = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
  if (status === 429)
    return new ProblemError('rate_limited', 'Something before the Hufu server refused: too many.', wait)
  if (status >= 502 && status <= 504) {
    return new ProblemError('upstream_unavailable', `The Hufu server is not up: its proxy answered ${status}.`, wait)
  }
  return new ProblemError(
    'upstream_error',
    `What answers at \`server\` is not Hufu (status ${status}): check the address.`,
  )
}

type Bag = Readonly<Record<string, unknown>>
const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null
const areStrings = (bag: Bag, ...names: string[]) => names.every((name) => typeof bag[name] === 'string')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isLoginReply = (body: unknown): body is LoginReply =>
  isBag(body) &&
  areStrings(body, 'accessToken', 'tokenType', 'refreshToken', 'appId') &&
  typeof body.expiresIn === 'number' &&
  isBag(body.user) &&
  areStrings(body.user, 'id')

/** Also one whose code is not known here: a newer server has more of them, and its status says enough. */
const isProblem = (body: unknown): body is Problem =>
  isBag(body) &&
  areStrings(body, 'type', 'title', 'code', 'detail', 'requestId') &&
  typeof body.status === 'number' &&
  /^[a-z_]{1,64}$/.test(String(body.code))
