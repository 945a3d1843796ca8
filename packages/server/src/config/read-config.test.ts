import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DAY } from '../domain/time.ts'
import { ConfigError, type Environment } from './config.ts'
import { readConfig, unknownSettings } from './read-config.ts'
import { ALL_SETTINGS } from './settings.ts'

const KEY = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')
const good: Environment = { HUFU_MASTER_KEY: KEY, HUFU_ISSUER: 'https://login.example' }

/** What is said about a configuration, a line each; nothing when it is accepted. */
function problemsOf(env: Environment): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message.split('\n')
  }
}

const NUMBERS = [
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '8 0',
  '80\u200b',
  'eighty',
  '99999999999',
  '٣',
  'NaN',
  'null',
  '+1',
  '1_000',
]
const PORTS = [...NUMBERS, '65536', '80,81', ':80']
const HOSTS = [
  'http://0.0.0.0',
  '0.0.0.0:80',
  'a b',
  '*',
  '-',
  'host/',
  '[::1]',
  '127.0.0.1\n0',
  'a,b',
  '../x',
  'ho$t',
  "'",
]
const KEYS = [
  'x',
  'secret',
  KEY.slice(0, -4),
  `${KEY}=`,
  `${KEY}${KEY}`,
  `${KEY.slice(0, 20)} ${KEY.slice(20)}`,
  `"${KEY}"`,
  Buffer.alloc(16, 5).toString('base64'),
  Buffer.alloc(33, 5).toString('base64'),
  Buffer.alloc(32, 5).toString('hex'),
  Buffer.alloc(64, 5).toString('base64'),
  '*'.repeat(44),
  '-----BEGIN PRIVATE KEY-----',
]

/** Values that must be refused, by setting; 'production' is the mode unless the row changes it. */
const BROKEN: Record<string, readonly string[]> = {
  HUFU_MODE: ['prod', 'PRODUCTION', 'dev', 'test', 'staging', 'Development', 'pro duction', '1', 'true'],
  HUFU_DATA_DIR: ['', ' ', '~', '~/data', '"/data"', '/da\u200bta', '/data\r/x', '$HOME/data', '%APPDATA%/hufu'],
  HUFU_DATABASE_URL: [
    'mysql://x/y',
    'hufu.db',
    '/data/hufu.db',
    'file:',
    'sqlite:hufu.db',
    'http://x',
    'postgres:x',
    'file:~/hufu.db',
    'file:x?mode=memory',
    'file::memory:',
    ':memory:',
  ],
  HUFU_MASTER_KEY: KEYS,
  HUFU_MASTER_KEY_PREVIOUS: KEYS,
  HUFU_HOST: HOSTS,
  HUFU_PORT: PORTS,
  HUFU_ADMIN_HOST: HOSTS,
  HUFU_ADMIN_PORT: [...PORTS, '8787'],
  HUFU_ADMIN_TOKEN: [
    'admin',
    'password',
    'changeme',
    'x'.repeat(21),
    'x'.repeat(64),
    'abcabcabcabcabcabcabcabcabc',
    'Zm9v',
    'twenty-two characters ok',
    `${KEY}\n${KEY}`,
    '@!#$abcdefghijklmnopqrstuvwxyz',
    'x'.repeat(600),
    '管理员令牌管理员令牌管理员令牌管理员令牌管理员令牌',
  ],
  HUFU_ISSUER: [
    'http://login.example',
    'login.example',
    'https://login.example/',
    'https://login.example/a/',
    'https://login.example?x=1',
    'https://login.example#x',
    'https://me:pw@login.example',
    'https://login. example',
    'https://LOGIN.example',
    'https://login.example:443',
    'ftp://login.example',
    'https://',
    'https:login.example',
    '//login.example',
    'javascript:alert(1)',
    'https://login.example/a b',
  ],
  HUFU_AUDIENCE: ['a b', '"a"', 'a\tb', 'ü', 'x'.repeat(256), 'a\nb'],
  HUFU_SIGNING_ALGORITHM: ['none', 'HS256', 'es256', 'ES512', 'RS512', 'EDDSA', 'PS256', 'Ed25519'],
  HUFU_TRUSTED_PROXIES: [
    '0',
    '10',
    '-1',
    'all',
    '*',
    'true',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/0x8',
    '10.0.0.0/-8',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0.0/08',
    '0.0.0.0/0',
    '::/0',
    '300.0.0.1',
    '10.0.0/8',
    'fd00::/129',
    'proxy.example',
    '10.0.0.0/8;fd00::/8',
    '10.0.0.0/8,',
    ',',
  ],
  HUFU_DATABASE_POOL: [...NUMBERS, '0', '1001', 'max'],
  HUFU_LOGIN_LIMIT: [...NUMBERS, '1000001', 'off', 'unlimited'],
  HUFU_EXPOSE_WECHAT_IDS: ['yes', 'no', '1', '0', 'TRUE', 'False', 'tr ue', 'on'],
  HUFU_LOG_LEVEL: ['verbose', 'trace', 'DEBUG', 'warning', '5', 'none'],
  HUFU_LOGIN_AUDIT_DAYS: [...NUMBERS, '0', '3651', '30d', 'forever'],
  HUFU_AUDIT_DAYS: [...NUMBERS, '0', '3651', '6 months'],
  HUFU_SIMULATOR_PORT: PORTS,
  HUFU_WECHAT_BASE_URL: [
    'http://127.0.0.1:8789',
    'https://api.weixin.qq.com.evil.example',
    'https://evil.example',
    'https://api.weixin.qq.com',
    'http://localhost',
    'x',
  ],
}

const count = Object.values(BROKEN).reduce((sum, values) => sum + values.length, 0)

test(`T35 each of ${count} broken settings is refused by name, and its value is not repeated`, () => {
  assert.ok(count >= 200, String(count))
  assert.deepEqual(problemsOf(good), [])
  for (const [name, values] of Object.entries(BROKEN)) {
    for (const value of values) {
      const problems = problemsOf({ ...good, [name]: value })
      assert.ok(
        problems.some((line) => line.startsWith(`${name}: `)),
        `${name}=${JSON.stringify(value)} was accepted`,
      )
      if (/KEY|TOKEN/.test(name) && value.length > 8)
        assert.ok(!problems.join('\n').includes(value), `the value of ${name} is repeated`)
    }
  }
})

test('T35 everything that is wrong is said at once', () => {
  const names = Object.keys(BROKEN)
  const env = Object.fromEntries(Object.entries(BROKEN).map(([name, [value]]) => [name, value]))
  const said = problemsOf(env).map((line) => line.slice(0, line.indexOf(':')))
  assert.deepEqual(
    names.filter((name) => !said.includes(name)),
    [],
  )
  assert.equal(new Set(said).size, said.length)
})

test('T35 production does not start without a master key and a public https address', () => {
  assert.deepEqual(problemsOf({}), [
    'HUFU_MASTER_KEY: required; make one with: hufu key make',
    'HUFU_ISSUER: expected the public https address of this server as a browser shows it, without a slash at its end',
  ])
})

test('T31 another WeChat is for development only', () => {
  const elsewhere = { HUFU_WECHAT_BASE_URL: 'http://127.0.0.1:8789' }
  assert.deepEqual(problemsOf({ ...good, ...elsewhere }), [
    'HUFU_WECHAT_BASE_URL: only in development: whoever answers there decides who everybody is',
  ])
  const config = readConfig({ ...good, ...elsewhere, HUFU_MODE: 'development' })
  assert.equal(config.wechatBaseUrl, 'http://127.0.0.1:8789')
  assert.equal(readConfig(good).wechatBaseUrl, undefined)
  for (const wrong of ['ftp://x', 'x', 'http://x/sns', 'http://']) {
    assert.equal(problemsOf({ ...good, HUFU_MODE: 'development', HUFU_WECHAT_BASE_URL: wrong }).length, 1, wrong)
  }
})

test('what is not said has the default of its mode', () => {
  const { masterKeys, dataDir, database, ...config } = readConfig(good)
  assert.deepEqual(config, {
    mode: 'production',
    databasePool: 10,
    host: '0.0.0.0',
    port: 8787,
    admin: { host: '127.0.0.1', port: 8788, token: undefined },
    issuer: 'https://login.example',
    audience: undefined,
    signingAlgorithm: 'ES256',
    trustedProxies: undefined,
    loginLimit: 600,
    exposeWeChatIds: true,
    logLevel: 'info',
    simulatorPort: 8789,
    wechatBaseUrl: undefined,
    cloudKeyLimit: 6000,
    retention: { login: 30 * DAY, rest: 180 * DAY },
    cloudRun: undefined,
  })
  assert.deepEqual(database, { kind: 'sqlite', file: join(dataDir, 'hufu.db') })
  assert.equal(Buffer.from(masterKeys.current).toString('base64'), KEY)
  const development = readConfig({ HUFU_MODE: 'development', HUFU_MASTER_KEY: KEY, HUFU_PORT: '9000' })
  assert.equal(development.host, '127.0.0.1')
  assert.equal(development.issuer, 'http://127.0.0.1:9000')
})

test('an empty setting is one that was not made', () => {
  const empty = Object.fromEntries(ALL_SETTINGS.filter(({ isPath }) => !isPath).map(({ name }) => [name, ' ']))
  assert.deepEqual(readConfig({ ...empty, ...good }), readConfig(good))
})

test('T05 a secret may stand in a file of its own', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'key')
  writeFileSync(file, `${KEY}\n`)
  const { HUFU_MASTER_KEY: _, ...rest } = good
  const config = readConfig({ ...rest, HUFU_MASTER_KEY_FILE: file })
  assert.equal(Buffer.from(config.masterKeys.current).toString('base64'), KEY)
  const problems = problemsOf({ ...rest, HUFU_MASTER_KEY_FILE: join(folder, 'absent') })
  assert.equal(problems[0], 'HUFU_MASTER_KEY_FILE: cannot be read')
})

test('proxies are a count or networks', () => {
  assert.deepEqual(readConfig({ ...good, HUFU_TRUSTED_PROXIES: '2' }).trustedProxies, { hops: 2 })
  const trusted = readConfig({ ...good, HUFU_TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8,192.0.2.1' }).trustedProxies
  assert.ok(trusted && 'networks' in trusted)
  assert.equal(trusted.networks.check('10.1.2.3'), true)
  assert.equal(trusted.networks.check('192.0.2.1'), true)
  assert.equal(trusted.networks.check('192.0.2.2'), false)
  assert.equal(trusted.networks.check('fd12::1', 'ipv6'), true)
})

test('a misspelt setting is noticed', () => {
  assert.deepEqual(
    unknownSettings({
      HUFU_PROT: '1',
      HUFU_MASTERKEY: 'x',
      HUFU_PORT: '1',
      HUFU_MASTER_KEY_FILE: 'x',
      HUFU_TEST_X: '',
      PATH: '',
    }),
    ['HUFU_PROT', 'HUFU_MASTERKEY'],
  )
})
