/** Who did something, in which request, when. */
export interface Act {
  /** `app:<AppID>`, `user:<id>`, `operator` or `system`. */
  actor: string
  requestId: string
  /** Milliseconds since 1970. */
  now: number
}
