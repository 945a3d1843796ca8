import { resolve } from 'node:path'
import { pathSetting } from './path-setting.ts'

/** Where the store is. The URL may hold a password and is never printed: `databaseName` says it without. */
export type Database = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string }

const ENCODE = 'percent-encode the password (@ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25)'

/**
 * Reads `file:…` or `postgres://…`.
 *
 * @throws {TypeError} that quotes no piece of the value, since any piece may be one of the password
 */
export function databaseUrl(value: string): Database {
  if (value.startsWith('file:')) return { kind: 'sqlite', file: resolve(sqliteFile(value)) }
  if (/^postgres(ql)?:\/\//.test(value)) return { kind: 'postgres', url: postgresUrl(value) }
  throw new TypeError('expected file:… or postgres://…')
}

function sqliteFile(value: string): string {
  const file = pathSetting(value.replace(/^file:(\/\/)?/, ''))
  if (/[?#]|^:memory:$/.test(file)) throw new TypeError('expected file: and a path, without parameters')
  return file
}

/**
 * A sign that means something in URLs, left bare in a password, cuts it up: what follows an `@` or stands before a `/`
 * becomes the host, is looked up in the DNS, and is printed when it is not found.
 */
function postgresUrl(value: string): string {
  const rest = value.replace(/^\w+:\/\//, '')
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  const wellFormed = !/%(?![0-9a-f]{2})|[\s\\]/i.test(value) && !value.includes('#')
  const atSigns = rest.split('@').length - 1
  const inAuthority = authority.split('@').length - 1
  if (!wellFormed || atSigns > 1 || atSigns !== inAuthority) throw new TypeError(ENCODE)
  // The driver decodes it again, and fails on a broken one only when it connects.
  if (!URL.canParse(value) || !decodes(value)) {
    throw new TypeError(`expected postgres://user:password@host:port/database; ${ENCODE}`)
  }
  return value
}

function decodes(value: string): boolean {
  try {
    return decodeURIComponent(value) !== ''
  } catch {
    return false
  }
}

/** The database for people to read: where it is, without user, password and parameters. */
export function databaseName(database: Database): string {
  if (database.kind === 'sqlite') return `file:${database.file}`
  const url = new URL(database.url)
  const host = url.host || url.searchParams.get('host') || 'localhost'
  return `postgres://${host}${url.pathname}`
}
