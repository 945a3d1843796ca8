import type { AppId } from '@hufu/wechat/words'

/**
 * Seals what must not stand in the database as it is. A sealed value opens only where it was sealed for, so that a row
 * copied onto another row is refused.
 */
export interface Vault {
  /** @param sealedFor what the value belongs to, e.g. `session_key wx… o…` */
  seal(value: string, sealedFor: string): Uint8Array
  /** @throws {ProblemError} `server_misconfigured` when the master key or what it was sealed for is another. */
  open(sealed: Uint8Array, sealedFor: string): string
  /** Whether this was sealed with a previous master key and should be sealed again. */
  isStale(sealed: Uint8Array): boolean
  /** What a database keeps to tell whether this master key is its own; says nothing about the key. */
  readonly check: string
}

/** Seals an AppSecret for the row of its app, and says by which master key. */
export type SealAppSecret = (appId: AppId, secret: string) => { secretSealed: string; sealedBy: string }
