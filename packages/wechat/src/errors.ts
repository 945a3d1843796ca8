/** Every way a call to WeChat can fail; a closed set. */
export type WeChatErrorCode =
  | 'code_invalid' // WeChat does not know the login code, or it is too old, or it belongs to another app
  | 'code_used' // the login code was redeemed before
  | 'busy' // WeChat asks to come back later
  | 'rate_limited' // the limit per minute; for a login it is counted per person
  | 'quota_exhausted' // the limit per day
  | 'risk_refused' // WeChat rates the person as high-risk and refuses the login
  | 'app_misconfigured' // the operator must act: AppID, AppSecret or permissions are not in order
  | 'ip_refused' // the operator must act: this machine's address is not on the app's list
  | 'token_invalid' // an access token is old, superseded or missing
  | 'unreachable' // certainly never sent: no connection, no name, no trusted certificate, or no time left before it
  | 'outcome_unknown' // sent, or perhaps sent, and no complete answer came: a code may be spent
  | 'unexpected' // an answer came that means nothing known: malformed, of a wrong type, an unknown errcode, not HTTP 200

/** What is known of a failed call. */
export interface WeChatErrorFacts {
  /** What was asked, e.g. `/sns/jscode2session`. Never a URL and never a query, which hold the AppSecret. */
  path: string
  /** WeChat's own number, where it gave one. */
  errcode?: number | undefined
  /** WeChat's id of the request, for its support. */
  rid?: string | undefined
  /** The address that WeChat saw, for the app's list of addresses (`ip_refused`). */
  seenAddress?: string | undefined
  /** The HTTP status, where it was not 200. */
  status?: number | undefined
  /** What was wrong, in words of ours that quote no value. */
  detail: string
  /** Why no answer came, where none did. */
  cause?: TransportError | undefined
}

/** A call to WeChat failed. Message, fields and cause hold nothing secret and may be logged. */
export class WeChatError extends Error {
  /** To tell it from other errors. */
  override readonly name = 'WeChatError'
  /** What a program branches on. */
  readonly code: WeChatErrorCode
  /** What was asked, e.g. `/sns/jscode2session`: no URL, no query. */
  readonly path: string
  /** WeChat's own number, where it gave one. */
  readonly errcode: number | undefined
  /** WeChat's id of the request, for its support. */
  readonly rid: string | undefined
  /** The address that WeChat saw, with `ip_refused`. */
  readonly seenAddress: string | undefined
  /** The HTTP status, where it was not 200. */
  readonly status: number | undefined

  constructor(code: WeChatErrorCode, facts: WeChatErrorFacts) {
    super(`${facts.path}: ${facts.detail}`, facts.cause ? { cause: facts.cause } : undefined)
    this.code = code
    this.path = facts.path
    this.errcode = facts.errcode
    this.rid = facts.rid
    this.seenAddress = facts.seenAddress
    this.status = facts.status
  }
}

/** What a transport knows of a request without an answer. */
export interface TransportErrorFacts {
  /** False only when the request certainly never left: then the login code is as good as before. */
  sent: boolean
  /** True when an answer came that the transport refuses to read: too large, compressed. Not a doubt, but a bad answer. */
  answered?: boolean
}

/**
 * A transport got no answer that it could hand over.
 *
 * `reason` is a word such as `ECONNREFUSED` or `answer_too_large`. There is no `cause`: what a network library
 * throws may hold the URL or bytes of the answer.
 */
export class TransportError extends Error {
  /** To tell it from other errors. */
  override readonly name = 'TransportError'
  /** One word, for a log. */
  readonly reason: string
  /** False only when the request certainly never left. */
  readonly sent: boolean
  /** Whether an answer came that could not be read. */
  readonly answered: boolean

  constructor(reason: string, { sent, answered = false }: TransportErrorFacts) {
    const word = /^[A-Za-z][\w-]{0,47}$/.test(reason) ? reason : 'unknown'
    super(`no answer from WeChat (${word})`)
    this.reason = word
    this.sent = sent
    this.answered = answered
  }
}
