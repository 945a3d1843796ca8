import { createHmac } from 'node:crypto'

/** Something that named an erased user, which nobody can read out of it, and when the user was erased. */
export interface Erasure {
  /** In base64url. */
  hash: string
  /** Milliseconds since 1970. */
  at: number
}

/** What may name a user. */
export type Named = { userId: string } | { appId: string; openid: string } | { realmId: string; unionid: string }

/**
 * The same for the same name and key, and for nothing else. The key stays in the database and its backups: without it the
 * hashes say nothing about anybody (threat T40).
 */
export function erasureHash(key: string, named: Named): string {
  const words =
    'userId' in named
      ? ['user', named.userId]
      : 'openid' in named
        ? ['openid', named.appId, named.openid]
        : ['unionid', named.realmId, named.unionid]
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(words.join(' ')).digest('base64url')
}

/** Tells which key a list of erasures was hashed with; says nothing about the key. */
export const erasureKeyId = (key: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update('hufu-erasure-key-1').digest('base64url').slice(0, 16)
