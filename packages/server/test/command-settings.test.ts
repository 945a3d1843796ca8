import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { runHufu, type Settings } from './fixture/process.ts'
import { productionSettings, type Ran, serveHufu } from './fixture/production.ts'
import { openEmptyPostgres } from './stores/postgres.ts'

/** A folder that is both the current one and, unless told otherwise, holds `./data`. */
function newFolder(t: TestContext, more: Settings = {}) {
  const { HUFU_DATA_DIR: folder = '', ...env } = productionSettings(t)
  const run = async (settings: Settings, ...words: string[]): Promise<Ran> => {
    const command = runHufu(t, words, settings, { folder })
    return { status: await command.ended, stdout: command.stdout(), stderr: command.stderr() }
  }
  return { folder, env: { ...env, ...more }, run }
}

const database = (stderr: string): string | undefined => /^Database · 数据库: (.+)$/m.exec(stderr)?.[1]

test('C9 only migrate, serve and dev make a database: every other command refuses, and makes nothing', async (t) => {
  const { folder, env, run } = newFolder(t)
  const words = [
    ['app', 'list'],
    ['app', 'add', shop.appId, '--no-secret'],
    ['app', 'cloud-key', 'list'],
    ['realm', 'list'],
    ['unifications', 'list'],
    ['conflicts', 'list'],
    ['backup', join(folder, 'copy.db')],
  ]
  for (const command of words) {
    const { status, stderr } = await run(env, ...command)
    assert.equal(status, 3, command.join(' '))
    assert.equal(
      stderr,
      `There is no database at file:${join(folder, 'data', 'hufu.db')}. If that is the right place, make it with: hufu migrate · 数据库不存在，可用 hufu migrate 创建\n`,
      command.join(' '),
    )
  }
  assert.deepEqual(readdirSync(folder), [])
  // An empty file is no database either.
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'hufu.db'), '')
  assert.match((await run(env, 'app', 'list')).stderr, /^There is no database at /)

  const migrated = await run(env, 'migrate')
  assert.equal(migrated.status, 0, migrated.stderr)
  assert.equal(database(migrated.stderr), `file:${join(folder, 'data', 'hufu.db')}`)
  const listed = await run(env, 'app', 'list')
  assert.deepEqual([listed.status, database(listed.stderr)], [0, `file:${join(folder, 'data', 'hufu.db')}`])
  assert.match(listed.stdout, /^No apps yet/)
})

test('C8 C9 on PostgreSQL too, and the database is named without its password', async (t) => {
  const postgres = await openEmptyPostgres()
  t.after(postgres.drop)
  const { env, run } = newFolder(t, { HUFU_DATABASE_URL: postgres.url })
  const { host, pathname, password } = new URL(postgres.url)
  const name = `postgres://${host}${pathname}`
  const refused = await run(env, 'app', 'list')
  assert.equal(refused.status, 3)
  assert.ok(refused.stderr.startsWith(`There is no database at ${name}. `), refused.stderr)
  const migrated = await run(env, 'migrate')
  assert.equal(database(migrated.stderr), name, migrated.stderr)
  const listed = await run(env, 'app', 'list')
  assert.deepEqual([listed.status, database(listed.stderr)], [0, name])
  if (password) assert.ok(!(refused.stderr + migrated.stderr + listed.stderr).includes(password))
})

test('C9 a command that asks a running server says so, and finds it by the folder that hufu.config.json names', async (t) => {
  const { folder, env, run } = newFolder(t)
  const data = join(folder, 'elsewhere')
  writeFileSync(join(folder, 'hufu.config.json'), JSON.stringify({ HUFU_DATA_DIR: data }))
  mkdirSync(data, { mode: 0o700 })
  const server = await serveHufu(t, { ...env, HUFU_DATA_DIR: data })
  assert.match(server.printed(), /"database":"file:.*elsewhere\/hufu\.db"/)
  const listed = await run({}, 'app', 'list')
  assert.equal(listed.status, 0, listed.stderr)
  assert.match(database(listed.stderr) ?? '', /^of the server that listens on .*elsewhere\/hufu\.sock/)
})

test('C9 a place that is wrong makes no folder and no secret, in development either', async (t) => {
  const { folder, env, run } = newFolder(t, { HUFU_MODE: 'development' })
  const wrong: Settings[] = [
    { HUFU_DATA_DIR: '' },
    { HUFU_DATA_DIR: '~/hufu' },
    { HUFU_DATA_DIR: '"./data"' },
    { HUFU_PORT: 'x' },
    { HUFU_DATABASE_URL: 'file:' },
  ]
  for (const settings of wrong) {
    for (const command of ['dev', 'serve', 'migrate']) {
      const { HUFU_MASTER_KEY: _, ...rest } = env
      const { status, stderr } = await run({ ...rest, ...settings }, command)
      assert.equal(status, 2, `${command}: ${stderr}`)
      assert.match(stderr, new RegExp(`^  ${Object.keys(settings)[0]}: `, 'm'))
      assert.deepEqual(readdirSync(folder), [], JSON.stringify(settings))
    }
  }
})

test('C9 a data folder that ends in a carriage return is the folder that was meant', async (t) => {
  const { folder, env, run } = newFolder(t)
  const { status, stderr } = await run({ ...env, HUFU_DATA_DIR: `${join(folder, 'data')}\r` }, 'migrate')
  assert.equal(status, 0, stderr)
  assert.deepEqual(readdirSync(folder), ['data'])
})

const TEXT = JSON.stringify({ HUFU_LOG_LEVEL: 'debug', HUFU_PROT: 1, port: 8080, comment: 'x', HUFU_LOGIN_LIMIT: 5 })

for (const [how, bytes] of Object.entries({
  'UTF-8': Buffer.from(TEXT),
  'UTF-8 with a byte order mark': Buffer.from(`\ufeff${TEXT}`),
  'UTF-16 as PowerShell writes it': Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
})) {
  test(`C10 hufu.config.json is read in ${how}, and every unknown key is named`, async (t) => {
    const { folder, env, run } = newFolder(t)
    writeFileSync(join(folder, 'hufu.config.json'), bytes)
    const { status, stderr } = await run(env, 'migrate')
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      [...stderr.matchAll(/^warning: hufu\.config\.json: (\S+) is not a setting/gm)].map(([, name]) => name),
      ['HUFU_PROT', 'port', 'comment'],
    )
  })
}

test('C10 hufu.config.json that is of no use is refused, each key by name', async (t) => {
  const { folder, env, run } = newFolder(t)
  const files: [string | Buffer, RegExp][] = [
    ['{', /hufu\.config\.json: not valid JSON/],
    ['[]', /hufu\.config\.json: expected an object of settings/],
    [Buffer.from([0x7b, 0xff, 0x7d]), /hufu\.config\.json: cannot be read as text/],
    ['{"HUFU_PORT": null, "HUFU_HOST": ["x"]}', /HUFU_PORT: expected text.*\n.*HUFU_HOST: expected text/],
    [
      `{"HUFU_MASTER_KEY": "s3cret", "HUFU_ADMIN_TOKEN": "s3cret"}`,
      /HUFU_MASTER_KEY: a secret.*HUFU_MASTER_KEY_FILE\n.*HUFU_ADMIN_TOKEN: a secret/,
    ],
    ['{"HUFU_LOGIN_LIMIT": "eighty"}', /HUFU_LOGIN_LIMIT: expected a whole number/],
  ]
  for (const [text, said] of files) {
    writeFileSync(join(folder, 'hufu.config.json'), text)
    const { status, stderr } = await run(env, 'migrate')
    assert.equal(status, 2, stderr)
    assert.match(stderr, said)
    assert.doesNotMatch(stderr, /s3cret|^ +at /m)
  }
  assert.deepEqual(readdirSync(folder), ['hufu.config.json'])
})

test('what the environment says goes over hufu.config.json; what it leaves empty does not', async (t) => {
  const { folder, env, run } = newFolder(t)
  const key = join(folder, 'absent.key')
  const file = { HUFU_DATA_DIR: 'one', HUFU_MASTER_KEY_FILE: key, HUFU_LOGIN_LIMIT: 'x' }
  writeFileSync(join(folder, 'hufu.config.json'), JSON.stringify(file))
  const { status, stderr } = await run({ ...env, HUFU_DATA_DIR: 'two', HUFU_LOGIN_LIMIT: '5' }, 'migrate')
  assert.equal(status, 0, stderr)
  assert.ok(existsSync(join(folder, 'two', 'hufu.db')))
  assert.match((await run({ ...env, HUFU_LOGIN_LIMIT: ' ' }, 'migrate')).stderr, /HUFU_LOGIN_LIMIT: expected a whole/)
})

test('C10 hufu key make --out makes a file for its owner alone, and takes the place of none by accident', async (t) => {
  const { folder, env, run } = newFolder(t)
  const file = join(folder, 'master.key')
  const made = await run({}, 'key', 'make', '--out', file)
  assert.equal(made.status, 0, made.stderr)
  assert.equal(made.stdout, '')
  const key = readFileSync(file, 'utf8')
  assert.match(key, /^[\w+/]{43}=\n$/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.ok(!made.stderr.includes(key.trim()))

  const again = await run({}, 'key', 'make', '--out', file)
  assert.equal(again.status, 1)
  assert.match(again.stderr, /is there already; nothing was written\. --force replaces it\./)
  assert.equal(readFileSync(file, 'utf8'), key)

  const forced = await run({}, 'key', 'make', '--out', file, '--force')
  assert.equal(forced.status, 0, forced.stderr)
  assert.notEqual(readFileSync(file, 'utf8'), key)
  assert.equal(statSync(file).mode & 0o777, 0o600)

  const nowhere = await run({}, 'key', 'make', '--out', join(folder, 'no', 'such', 'folder'))
  assert.match(nowhere.stderr, /cannot be written \(ENOENT\); nothing was written\./)
  const onFolder = await run({}, 'key', 'make', '--out', folder, '--force')
  assert.match(onFolder.stderr, /cannot be written \(E\w+\); nothing was written\./)
  assert.deepEqual(readdirSync(folder), ['master.key'])

  const { HUFU_MASTER_KEY: _, ...rest } = env
  const migrated = await run({ ...rest, HUFU_MASTER_KEY_FILE: file }, 'migrate')
  assert.equal(migrated.status, 0, migrated.stderr)
})

test('C10 an AppSecret is read as PowerShell writes it, from a file and from a pipe', async (t) => {
  const { folder, env, run } = newFolder(t)
  const file = join(folder, 'secret.txt')
  writeFileSync(file, Buffer.from(`\ufeff${shop.secret}\r\n`, 'utf16le'))
  assert.equal((await run(env, 'migrate')).status, 0)
  const added = await run(env, 'app', 'add', shop.appId, '--no-check', '--secret-file', file)
  assert.equal(added.status, 0, added.stderr)
  writeFileSync(file, Buffer.from([0xc3, 0x28, 0x80, 0x81]))
  const refused = await run(env, 'app', 'rotate-secret', shop.appId, '--secret-file', file)
  assert.equal(refused.status, 2)
  assert.match(refused.stderr, /secret\.txt is not text in UTF-8 or UTF-16\./)
})

test('C23 a server with an admin token that no request can bring does not start', async (t) => {
  const { env, run } = newFolder(t, { HUFU_ADMIN_TOKEN: `${adminToken}@!#$` })
  const { status, stderr } = await run(env, 'serve')
  assert.equal(status, 2)
  assert.match(stderr, /HUFU_ADMIN_TOKEN: holds characters that no Authorization header can bring/)
  assert.ok(!stderr.includes(adminToken))
})
