import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { Ledger } from './fixture/ledger.ts'
import { addApp, ask, newProcessFixture, runHufu, type Settings, startHufu, waitUntil } from './fixture/process.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function usersIn(file: string): string[] {
  const db = new DatabaseSync(file)
  try {
    assert.equal(Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0], 'ok')
    return db
      .prepare('SELECT id FROM users ORDER BY id')
      .all()
      .map(({ id }) => String(id))
  } finally {
    db.close()
  }
}

/** A server with people in it, a backup of it, more people, and the power cut: its log is left behind. */
async function crashed(t: TestContext) {
  const { settings, folder, file, wechat } = await newProcessFixture(t, { codeSeed: String(Date.now()) })
  const ledger = new Ledger(wechat)
  const backup = join(newFolder(t), 'backup.db')
  const run = async (during: (hufu: Awaited<ReturnType<typeof startHufu>>) => Promise<void>) => {
    const hufu = await startHufu(t, settings)
    if (ledger.acknowledged === 0) await addApp(hufu, shop)
    const load = ledger.load(hufu.url, 8)
    await during(hufu)
    hufu.child.kill('SIGKILL')
    await Promise.all([load, hufu.ended])
  }
  const more = (answers: number) => {
    const enough = ledger.acknowledged + answers
    return waitUntil(() => ledger.acknowledged >= enough)
  }
  await run(async (hufu) => {
    await more(20)
    const reply = await ask(`${hufu.adminUrl}/admin/v1/backup`, 'POST', { file: backup }, adminToken)
    assert.equal(reply.status, 200, reply.text)
    await more(60)
  })
  assert.ok(statSync(`${file}-wal`).size > 0)
  return { settings, folder, file, backup, run, more, users: usersIn(backup) }
}

async function hufu(t: TestContext, words: string[], settings: Settings): Promise<{ code: unknown; said: string }> {
  const command = runHufu(t, words, { HUFU_PORT: '0', HUFU_ADMIN_PORT: '0', ...settings })
  return { code: await command.ended, said: command.printed() }
}

const TIMES = process.env.HUFU_TEST_DEEP ? 20 : 3

test(`C1 given ${TIMES} times a backup, a kill under load and a restore, then exactly the users of the backup are there`, async (t) => {
  const place = await crashed(t)
  const { settings, folder, file, backup, users } = place
  for (let time = 0; time < TIMES; time++) {
    if (time > 0) await place.run(() => place.more(30))
    const { code, said } = await hufu(t, ['restore', backup], settings)
    assert.equal(code, 0, said)
    assert.match(said, new RegExp(`Restored .*: ${users.length} users`))
    const [, aside = ''] = /kept as (\S+)/.exec(said) ?? []
    for (const end of ['-wal', '-shm']) assert.equal(existsSync(file + end), false)
    for (const end of ['', '-wal']) assert.equal(statSync(aside + end).mode & 0o777, 0o600)

    const server = await startHufu(t, settings)
    assert.equal((await ask(`${server.url}/readyz`, 'GET')).status, 200)
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0)
    assert.deepEqual(usersIn(file), users)
    assert.ok(usersIn(aside).length > users.length, 'the former database is whole, with what stood in its log')
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  )
})

test('C1 T39 given a database beside another one’s write-ahead log, then every command refuses it and nothing is lost', async (t) => {
  const { settings, file, backup, users } = await crashed(t)
  const [database, log] = ['', '-wal'].map((end) => readFileSync(file + end))
  assert.ok(database && log)
  // An older file of the same database: taken from an earlier run, with its log folded in.
  const older = join(newFolder(t), 'older.db')
  for (const end of ['', '-wal']) copyFileSync(file + end, older + end)
  usersIn(older)
  const stamped = new DatabaseSync(older)
  stamped.exec('PRAGMA application_id = 77; PRAGMA journal_mode = WAL')
  stamped.close()
  const impostors: Record<string, () => void> = {
    'a backup': () => copyFileSync(backup, file),
    'an older file': () => copyFileSync(older, file),
    'an empty file': () => writeFileSync(file, ''),
    'no file': () => rmSync(file),
  }
  for (const [what, put] of Object.entries(impostors)) {
    put()
    for (const words of [['serve'], ['migrate'], ['app', 'list']]) {
      const { code, said } = await hufu(t, words, settings)
      assert.equal(code, 1, `${what}: ${said}`)
      assert.match(said, /not the database that .*-wal was written for.*hufu restore/, what)
    }
    assert.deepEqual(readFileSync(`${file}-wal`), log, what)
    writeFileSync(file, database)
  }
  // The former file put back, it starts as after any crash; and so does the cure that the message names.
  const back = await startHufu(t, settings)
  back.child.kill('SIGKILL')
  await back.ended
  assert.ok(usersIn(file).length > users.length)
  copyFileSync(backup, file)
  const { code, said } = await hufu(t, ['restore', backup], settings)
  assert.equal(code, 0, said)
  const cured = await startHufu(t, settings)
  cured.child.kill('SIGTERM')
  await cured.ended
  assert.deepEqual(usersIn(file), users)
})

test('C1 given a server that was stopped, then another database may be put in its place', async (t) => {
  const { settings, file, backup, users } = await crashed(t)
  const stop = async () => {
    const server = await startHufu(t, settings)
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0)
  }
  await stop()
  const own = readFileSync(file)
  for (const bytes of [readFileSync(backup), own, readFileSync(backup)]) {
    writeFileSync(file, bytes)
    await stop()
  }
  assert.deepEqual(usersIn(file), users)
  const elsewhere = join(newFolder(t), 'new', 'data')
  const { code, said } = await hufu(t, ['restore', backup], { ...settings, HUFU_DATA_DIR: elsewhere })
  assert.equal(code, 0, said)
  assert.doesNotMatch(said, /kept as/)
  assert.deepEqual(usersIn(join(elsewhere, 'hufu.db')), users)
  assert.equal(statSync(elsewhere).mode & 0o777, 0o700)
})

test('C1 hufu restore takes only a sound backup of this server, and only while none is running', async (t) => {
  const { settings, folder, file, backup } = await crashed(t)
  const good = readFileSync(backup)
  const place = newFolder(t)
  const made = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(place, name), bytes)
    return join(place, name)
  }
  const damaged = Buffer.from(good)
  damaged.fill(0x5a, 8192, 12288)
  const stranger = new DatabaseSync(join(place, 'stranger.db'))
  stranger.exec('CREATE TABLE users (id TEXT); CREATE TABLE settings (name TEXT, value TEXT)')
  stranger.close()
  const newer = made('newer.db', good)
  const later = new DatabaseSync(newer)
  later.exec('PRAGMA user_version = 9999')
  later.close()
  const open = made('open.db', good)
  writeFileSync(`${open}-wal`, 'something')
  const wrong: [string, Settings, RegExp][] = [
    [join(place, 'missing.db'), {}, /not a file/],
    [place, {}, /not a file/],
    [file, {}, /the database itself/],
    [open, {}, /not whole by itself/],
    [made('text.db', 'no database'.repeat(1000)), {}, /damaged, or not a database/],
    [made('cut.db', good.subarray(0, good.length - 4096)), {}, /damaged/],
    [made('damaged.db', damaged), {}, /damaged/],
    [made('empty.db', ''), {}, /not one of Hufu/],
    [join(place, 'stranger.db'), {}, /not one of Hufu/],
    [newer, {}, /newer Hufu/],
    [backup, { HUFU_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') }, /another master key/],
    [
      backup,
      { HUFU_MODE: 'production', HUFU_ISSUER: 'https://a.example', HUFU_WECHAT_BASE_URL: '' },
      /development mode/,
    ],
    [backup, { HUFU_DATABASE_URL: 'postgres://127.0.0.1/x' }, /pg_restore/],
  ]
  const before = ['', '-wal'].map((end) => readFileSync(file + end))
  const names = () =>
    readdirSync(folder)
      .filter((name) => !name.startsWith('hufu.lock'))
      .sort()
  const namesBefore = names()
  for (const [source, more, why] of wrong) {
    const { code, said } = await hufu(t, ['restore', source], { ...settings, ...more })
    assert.equal(code, 1, `${source}: ${said}`)
    assert.match(said, why)
    assert.doesNotMatch(said, / at .*\.ts:/)
  }
  assert.deepEqual(
    ['', '-wal'].map((end) => readFileSync(file + end)),
    before,
  )
  assert.deepEqual(names(), namesBefore)

  const server = await startHufu(t, settings)
  const { code, said } = await hufu(t, ['restore', backup], settings)
  assert.equal(code, 1, said)
  assert.match(said, /Another process holds this data folder/)
  assert.equal((await ask(`${server.url}/readyz`, 'GET')).status, 200)
  // With the key of its time as the previous one, a backup opens.
  server.child.kill('SIGTERM')
  await server.ended
  const changed = {
    HUFU_MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
    HUFU_MASTER_KEY_PREVIOUS: settings.HUFU_MASTER_KEY ?? '',
  }
  const restored = await hufu(t, ['restore', backup], { ...settings, ...changed })
  assert.equal(restored.code, 0, restored.said)
})

const STARTS = process.env.HUFU_TEST_DEEP ? 200 : 12

test(`C1 T39 ${STARTS} starts killed at any moment, with a log behind them: the next start is never refused`, async (t) => {
  const { settings, file, run, more } = await crashed(t)
  const before = usersInCopy(t, file)
  for (let n = 0; n < STARTS; n++) {
    const server = runHufu(t, ['serve'], { HUFU_PORT: '0', HUFU_ADMIN_PORT: '0', ...settings })
    const stamped = statSync(`${file}.stamp`).mtimeMs
    // Half of them once the start has come to the files, where it matters most.
    if (n % 2 === 0)
      await waitUntil(() => statSync(`${file}.stamp`).mtimeMs !== stamped || server.child.exitCode !== null)
    await new Promise((now) => setTimeout(now, Math.random() * (n % 2 === 0 ? 8 : 500)))
    server.child.kill('SIGKILL')
    await server.ended
    assert.doesNotMatch(server.printed(), /was written for/)
    if (n % 4 === 3) await run(() => more(5))
  }
  await run(() => more(5))
  const after = usersInCopy(t, file)
  assert.deepEqual(
    before.filter((user) => !after.includes(user)),
    [],
  )
})

/** Asks a copy, so that the log beside the database stays. */
function usersInCopy(t: TestContext, file: string): string[] {
  const copy = join(newFolder(t), 'copy.db')
  for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
  return usersIn(copy)
}
