import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bearer } from '../http/bearer.ts'
import { ConfigError, type Environment } from './config.ts'
import { databaseName } from './database-url.ts'
import { readConfig } from './read-config.ts'
import { ALL_SETTINGS } from './settings.ts'

const KEY = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')
const good: Environment = { HUFU_MASTER_KEY: KEY, HUFU_ISSUER: 'https://login.example' }

/** What is said about a configuration; empty when it is accepted. */
function problemOf(env: Environment): string {
  try {
    readConfig({ ...good, ...env })
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message
  }
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A value of each setting that is not its default. */
const VALUES: Record<string, string> = {
  HUFU_MODE: 'development',
  HUFU_DATA_DIR: '/srv/hufu',
  HUFU_DATABASE_URL: 'postgres://hufu:p%40ss@db.internal:6432/logins',
  HUFU_DATABASE_POOL: '4',
  HUFU_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
  HUFU_MASTER_KEY_PREVIOUS: Buffer.alloc(32, 4).toString('base64'),
  HUFU_HOST: '192.0.2.1',
  HUFU_PORT: '9001',
  HUFU_ADMIN_HOST: '::1',
  HUFU_ADMIN_PORT: '9002',
  HUFU_ADMIN_TOKEN: 'Zm9yIHRlc3RzIG9ubHkuLi4uLi4u',
  HUFU_ISSUER: 'https://login.example/auth',
  HUFU_AUDIENCE: 'my-product',
  HUFU_SIGNING_ALGORITHM: 'EdDSA',
  HUFU_TRUSTED_PROXIES: '2',
  HUFU_LOGIN_LIMIT: '7',
  HUFU_CLOUD_KEY_LIMIT: '8',
  HUFU_EXPOSE_WECHAT_IDS: 'false',
  HUFU_LOG_LEVEL: 'debug',
  HUFU_SIMULATOR_PORT: '9003',
  HUFU_WECHAT_BASE_URL: 'http://127.0.0.1:9004',
  HUFU_CLOUDRUN_PORT: '9005',
  HUFU_CLOUDRUN_HOST: '127.0.0.2',
  HUFU_CLOUDRUN_PUBLIC_ACCESS: 'closed',
  HUFU_CLOUDRUN_ENV: 'prod-1',
  HUFU_CLOUDRUN_APP_IDS: 'wx1,wx2',
  HUFU_CLOUDRUN_FROM_APP_IDS: 'wx3',
  HUFU_CLOUDRUN_SOURCES: 'wx_client,wx_devtools',
}
const all: Environment = { ...VALUES, CBR_ENV_ID: 'prod-1' }

test('every setting is in this test', () => {
  assert.deepEqual(Object.keys(VALUES).sort(), ALL_SETTINGS.map(({ name }) => name).sort())
})

for (const [what, padded] of Object.entries({
  'a carriage return': (value: string) => `${value}\r`,
  'a line break': (value: string) => `${value}\n`,
  'blanks and a tab': (value: string) => ` \t${value}  `,
  'a no-break space': (value: string) => `\u00a0${value}\u00a0`,
  'a byte order mark': (value: string) => `\ufeff${value}`,
})) {
  test(`C9 ${what} around a setting changes nothing, in every setting`, () => {
    const plain = readConfig(all)
    const env = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, padded(value)]))
    assert.deepEqual(readConfig({ ...env, CBR_ENV_ID: padded('prod-1') }), plain)
  })
}

test('C9 an invisible character inside, or a quotation mark that an env file left, is refused in every setting', () => {
  for (const [name, value] of Object.entries(VALUES)) {
    const middle = Math.ceil(value.length / 2)
    for (const sign of ['\r', '\n', '\t', '\0', '\u200b', '\u2028', '\u202e', '\ufeff']) {
      const spoilt = `${value.slice(0, middle)}${sign}${value.slice(middle)}`
      const said = problemOf({ ...all, [name]: spoilt })
      if (value.length > 1) assert.match(said, new RegExp(`^${name}: holds an invisible character`, 'm'), name)
    }
    for (const quoted of [`"${value}"`, `'${value}'`, `${value}"`, `“${value}”`, `\`${value}`]) {
      assert.match(problemOf({ ...all, [name]: quoted }), new RegExp(`^${name}: begins or ends with a quotation`, 'm'))
    }
  }
})

test('C9 a path that only a shell knows, or an empty one, is refused', () => {
  for (const path of ['~', '~/hufu', '~hufu/data', '$HOME/hufu', '$' + '{DATA}/hufu', '%APPDATA%/hufu']) {
    const why = /: begins with ~, \$ or %…%, which only a shell replaces/
    assert.match(problemOf({ HUFU_DATA_DIR: path }), why)
    assert.match(problemOf({ HUFU_DATABASE_URL: `file:${path}` }), why)
    assert.match(problemOf({ HUFU_DATABASE_URL: `file://${path}` }), why)
    assert.match(problemOf({ HUFU_ADMIN_TOKEN_FILE: path }), why)
  }
  for (const nothing of ['', ' ', '\r\n']) {
    for (const name of ['HUFU_DATA_DIR', 'HUFU_DATABASE_URL', 'HUFU_ADMIN_TOKEN_FILE', 'HUFU_CLOUDRUN_ENV_FILE']) {
      assert.match(problemOf({ [name]: nothing }), new RegExp(`^${name}: is empty; name a path`, 'm'))
    }
    assert.match(problemOf({ HUFU_DATABASE_URL: `file:${nothing}` }), /HUFU_DATABASE_URL: names no path/)
  }
  assert.equal(readConfig({ ...good, HUFU_DATA_DIR: './a~b' }).dataDir, resolve('a~b'))
})

/** Passwords that a parser would cut up, and pieces of them that nothing may print. */
const CUT: [url: string, pieces: string[]][] = [
  ['postgres://app:p@ss/w:rd@host', ['p@ss', 'ss/w', 'w:rd']],
  ['postgres://app:s3cr/et@host/db', ['s3cr', 'et@']],
  ['postgresql://app:s3cr?et@host/db', ['s3cr', 'et@']],
  ['postgres://app:s3cr#et@host/db', ['s3cr', 'et@']],
  ['postgres://app:s3cr@et@host/db', ['s3cr', 'et@']],
  ['postgres://app:100%@host/db', ['100%']],
  ['postgres://app:s3cr%zzet@host/db', ['s3cr', 'zzet']],
  ['postgres://app:s3cr%ffet@host/db', ['s3cr', 'ffet']],
  ['postgres://app:s3cr et@host/db', ['s3cr']],
  ['postgres://app:s3cr\\et@host/db', ['s3cr']],
  ['postgres://app:s3cret', ['s3cret']],
  ['postgres://app:s3cret/db', ['s3cret']],
  ['postgres://app:s3cret@host:s3cret/db', ['s3cret']],
]

test(`C8 each of ${CUT.length} database addresses whose password would be cut up is refused, and no piece is printed`, () => {
  for (const [url, pieces] of CUT) {
    const said = problemOf({ HUFU_DATABASE_URL: url })
    assert.match(said, /^HUFU_DATABASE_URL: .*percent-encode the password/, url)
    for (const piece of pieces) assert.ok(!said.includes(piece), `${piece} of ${url} is printed`)
  }
})

test('C8 a percent-encoded password stands, and the name of the database tells nothing of it', () => {
  for (const [url, name] of [
    ['postgres://app:p%40ss%2Fw%3Ard@host', 'postgres://host'],
    ['postgres://app:p%40ss@db.internal:6432/logins?sslmode=require&password=x', 'postgres://db.internal:6432/logins'],
    ['postgresql:///logins?host=/run/postgresql', 'postgres:///run/postgresql/logins'],
    ['postgres://[::1]:5433/logins', 'postgres://[::1]:5433/logins'],
  ] as const) {
    const { database } = readConfig({ ...good, HUFU_DATABASE_URL: url })
    assert.deepEqual(database, { kind: 'postgres', url })
    assert.equal(databaseName(database), name)
  }
})

test('C10 a secret in a file is read as its editor or shell wrote it', (t) => {
  const folder = newFolder(t)
  const text = `${KEY}\r\n`
  const written: Record<string, Buffer> = {
    'UTF-8': Buffer.from(text),
    'UTF-8 with a mark': Buffer.from(`\ufeff${text}`),
    'UTF-16 as PowerShell writes it': Buffer.from(`\ufeff${text}`, 'utf16le'),
    'UTF-16 without a mark': Buffer.from(text, 'utf16le'),
    'UTF-16, the other way round': Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  }
  const { HUFU_MASTER_KEY: _, ...rest } = good
  for (const [how, bytes] of Object.entries(written)) {
    const file = join(folder, 'key')
    writeFileSync(file, bytes)
    const { masterKeys } = readConfig({ ...rest, HUFU_MASTER_KEY_FILE: ` ${file}\r` })
    assert.equal(Buffer.from(masterKeys.current).toString('base64'), KEY, how)
  }
})

test('C10 any setting may stand in a file, those of Cloud Run too; a file that is of no use is named', (t) => {
  const folder = newFolder(t)
  const env = Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => {
      writeFileSync(join(folder, name), `${value}\n`)
      return [`${name}_FILE`, join(folder, name)]
    }),
  )
  assert.deepEqual(readConfig({ ...env, CBR_ENV_ID: 'prod-1' }), readConfig(all))

  const files: Record<string, [bytes: Buffer, said: RegExp]> = {
    empty: [Buffer.alloc(0), /_FILE: the file is empty$/],
    blank: [Buffer.from(' \r\n'), /_FILE: the file is empty$/],
    binary: [Buffer.from([0x80, 0x81, 0x82, 0xff]), /_FILE: is not text in UTF-8 or UTF-16$/],
    wrong: [Buffer.from('s3cret'), /^HUFU_ADMIN_TOKEN_FILE: expected at least 128 random bits/],
    'two lines': [Buffer.from('s3cret\ns3cret'), /_FILE: holds an invisible character/],
  }
  for (const [name, [bytes, expected]] of Object.entries(files)) {
    writeFileSync(join(folder, name), bytes)
    const said = problemOf({ HUFU_ADMIN_TOKEN_FILE: join(folder, name) })
    assert.match(said, expected, name)
    assert.ok(!said.includes('s3cret'))
  }
  assert.match(problemOf({ HUFU_ADMIN_TOKEN_FILE: folder }), /^HUFU_ADMIN_TOKEN_FILE: cannot be read$/)
  const both = { HUFU_ADMIN_TOKEN: VALUES.HUFU_ADMIN_TOKEN, HUFU_ADMIN_TOKEN_FILE: join(folder, 'HUFU_ADMIN_TOKEN') }
  assert.match(problemOf(both), /^HUFU_ADMIN_TOKEN_FILE: stands beside HUFU_ADMIN_TOKEN; set one of the two$/)
})

/** Long and varied enough, each with a sign that the header of a request may or may not bring. */
const TOKENS = ['@!#$', '@', '=x', '管', '(', ' ', '.', '~', '+/', '-_', '==', '=', ',', ';', '"x', '%20'].map(
  (sign) => `abcdefghijklmnop${sign}${sign.startsWith('=') ? '' : 'qrstuvwxyz'}0123456789`,
)

test('C23 an admin token is accepted at the start exactly when a request can bring it', () => {
  const request = (token: string) => {
    try {
      return bearer(new Request('http://x', { headers: { authorization: `Bearer ${token}` } })) === token
    } catch {
      return false
    }
  }
  const accepted = TOKENS.filter((token) => problemOf({ HUFU_ADMIN_TOKEN: token }) === '')
  assert.deepEqual(accepted, TOKENS.filter(request))
  assert.ok(accepted.length > 2 && accepted.length < TOKENS.length - 2, String(accepted.length))
  const said = problemOf({ HUFU_ADMIN_TOKEN: 'abcdefghijklmnop@!#$qrstuvwxyz' })
  assert.match(said, /^HUFU_ADMIN_TOKEN: holds characters that no Authorization header can bring: .*hufu key make$/)
})
