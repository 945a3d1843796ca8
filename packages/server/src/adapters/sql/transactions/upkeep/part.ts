/** What one part of a slice did. */
export interface Part {
  /** Rows that are gone, or session_keys that are. */
  swept: number
  /** Whether nothing that is due was left. */
  isThrough: boolean
}
