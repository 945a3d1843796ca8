/** How often somebody may do something, by any name. */
export interface Limit {
  /**
   * Counts one more for this name; nothing is counted where there is none.
   *
   * @throws {ProblemError} `rate_limited`
   */
  take(name: string | undefined): void
}
