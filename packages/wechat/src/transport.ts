/** Names and values, not yet encoded. Holds the AppSecret: print no URL made of it. */
export type Query = Readonly<Record<string, string>>

/** What came back, unread. */
export interface TransportReply {
  /** The HTTP status. */
  readonly status: number
  /** The body, decoded as UTF-8 whatever its content type says. */
  readonly text: string
}

/**
 * Sends one request to WeChat: GET, or POST of the JSON text `body` when there is one.
 *
 * Encodes the query, follows no redirect, repeats nothing, and keeps its deadlines. Rejects with a `TransportError`
 * that says whether the request may have left; any other rejection counts as "may have".
 */
export type Transport = (path: string, query: Query, body?: string) => Promise<TransportReply>
