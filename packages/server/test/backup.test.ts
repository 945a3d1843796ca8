import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { Ledger } from './fixture/ledger.ts'
import { addApp, ask, newProcessFixture, runHufu, startHufu } from './fixture/process.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const DEEP = Boolean(process.env.HUFU_TEST_DEEP)
const MIB = 2 ** 20

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a database as large as that of a product, with rows that nobody asks for. */
function fill(file: string, size: number): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const insert = db.prepare('INSERT INTO settings (name, value) VALUES (?, ?)')
  const value = 'filler '.repeat(400)
  for (let n = 0; n * value.length < size; n++) insert.run(`filler-${n}`, value)
  db.exec('COMMIT')
  db.close()
  assert.ok(statSync(file).size >= size)
}

function usersIn(file: string): Set<string> {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return new Set(
      db
        .prepare('SELECT id FROM users')
        .all()
        .map(({ id }) => String(id)),
    )
  } finally {
    db.close()
  }
}

function isSound(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0] === 'ok'
  } finally {
    db.close()
  }
}

const [BACKUPS, SIZE, ENOUGH] = DEEP ? [20, 200 * MIB, 40_000] : [3, 64 * MIB, 10_000]

test(`B4 given ${BACKUPS} backups under load, of ${SIZE / MIB} MiB, then each ends, is sound, and has everybody who was answered before it`, async (t) => {
  const { settings, file, wechat } = await newProcessFixture(t, { seed: 'backup', codeSeed: String(Date.now()) })
  const first = await startHufu(t, settings)
  await addApp(first, shop)
  first.child.kill('SIGTERM')
  assert.equal(await first.ended, 0)
  fill(file, SIZE)

  const hufu = await startHufu(t, settings)
  const ledger = new Ledger(wechat)
  const load = ledger.load(hufu.url, 16)
  const folder = newFolder(t)
  let meanwhile = 0
  let took = 0
  for (let n = 0; n < BACKUPS; n++) {
    const target = join(folder, `${n}.db`)
    const before = ledger.userIds()
    const [acknowledged, began] = [ledger.acknowledged, performance.now()]
    let done = false
    const backup = ask(`${hufu.adminUrl}/admin/v1/backup`, 'POST', { file: target }, adminToken).finally(() => {
      done = true
    })
    while (!done && ledger.acknowledged < acknowledged + ENOUGH) await new Promise((next) => setTimeout(next, 2))
    assert.ok(done, `${ledger.acknowledged - acknowledged} answers later the copy is not finished`)
    const reply = await backup
    assert.equal(reply.status, 200, reply.text)
    meanwhile += ledger.acknowledged - acknowledged
    took += performance.now() - began
    assert.equal(statSync(target).mode & 0o777, 0o600)

    // Checked whole in a process of its own: WeChat lives in this one, and must go on answering.
    const restored = join(folder, 'restored')
    const restore = runHufu(t, ['restore', target], { ...settings, HUFU_DATA_DIR: restored })
    assert.equal(await restore.ended, 0, restore.printed())
    const users = usersIn(join(restored, 'hufu.db'))
    assert.deepEqual(
      before.filter((user) => !users.has(user)),
      [],
    )
    rmSync(target)
    rmSync(restored, { recursive: true })
  }
  assert.ok(meanwhile > 0, 'nobody was answered while the copies were made')
  const rate = (meanwhile * 1000) / took
  if (DEEP) assert.ok(rate >= 200, `${rate} answers a second`)
  t.diagnostic(`${Math.round(took / BACKUPS)} ms a backup, ${Math.round(rate)} answers a second meanwhile`)
  assert.deepEqual(readdirSync(folder), [], 'no part of a copy is left')
  hufu.child.kill('SIGTERM')
  await Promise.all([load, hufu.ended])
})

test('B4 C16 a backup replaces no file unless the operator says so', async (t) => {
  const server = await newServer(t)
  await server.logIn(shop, 'mei')
  const folder = newFolder(t)
  const backup = (file: string, more = {}) => server.admin('POST', 'backup', { file, ...more })
  for (const content of ['', 'precious', 'SQLite format 3\0']) {
    const target = join(folder, 'kept.db')
    writeFileSync(target, content, { mode: 0o644 })
    assert.equal(outcomeOf(await backup(target)), '409 already_exists')
    assert.equal(readFileSync(target, 'utf8'), content)
    assert.equal(outcomeOf(await backup(target, { replace: true })), '200')
    assert.equal(usersIn(target).size, 1)
    assert.equal(statSync(target).mode & 0o777, 0o600)
    rmSync(target)
  }
  for (const end of ['-wal', '-journal']) {
    writeFileSync(join(folder, `fresh.db${end}`), 'of another database')
    assert.equal(outcomeOf(await backup(join(folder, 'fresh.db'), { replace: true })), '409 already_exists')
    rmSync(join(folder, `fresh.db${end}`))
  }
  assert.deepEqual(readdirSync(folder), [])
})

test('B4 C16 a backup is refused where it would overwrite the database, or where no file can be written', async (t) => {
  const server = await newServer(t)
  await server.logIn(shop, 'mei')
  const folder = newFolder(t)
  mkdirSync(join(folder, 'sub'))
  const own = ['hufu.db', 'hufu.db-wal', 'hufu.db-journal', 'hufu.db.stamp', 'hufu.lock', 'hufu.sock', 'master.key']
  const wrong = [
    ...own.map((name) => join(server.folder, name)),
    'relative.db',
    `${folder}/a\nb.db`,
    join(folder, 'sub'),
    join(folder, 'nowhere', 'x.db'),
    join(folder, 'x'.repeat(300)),
  ]
  for (const file of wrong) {
    const reply = await server.admin('POST', 'backup', { file, replace: true })
    assert.equal(outcomeOf(reply), '400 invalid_request', file)
    const unforced = outcomeOf(await server.admin('POST', 'backup', { file }))
    assert.match(unforced, /^400 invalid_request|409 already_exists$/, file)
  }
  await server.restart()
  await server.logIn(shop, 'bo')
  assert.deepEqual(readdirSync(folder), ['sub'])
})

test('C16 hufu backup - writes the copy and nothing else to standard output, with and without a server', async (t) => {
  const { settings, folder, file } = await newProcessFixture(t)
  const hufu = await startHufu(t, settings)
  await addApp(hufu, shop)
  const streamed = async () => {
    const command = runHufu(t, ['backup', '-'], settings)
    const bytes: Buffer[] = []
    command.child.stdout?.on('data', (some: Buffer) => bytes.push(some))
    assert.equal(await command.ended, 0)
    const target = join(newFolder(t), 'streamed.db')
    writeFileSync(target, Buffer.concat(bytes))
    return isSound(target)
  }
  assert.equal(await streamed(), true)
  hufu.child.kill('SIGTERM')
  await hufu.ended
  assert.equal(await streamed(), true)
  assert.deepEqual(
    readdirSync(folder).filter((name) => /backup|part/.test(name)),
    [],
  )
  assert.ok(existsSync(file))

  const target = join(folder, 'mine.db')
  const [once, twice, forced] = [[], [], ['--force']].map((more) => ['backup', target, ...more])
  for (const [words, code] of [
    [once, 0],
    [twice, 1],
    [forced, 0],
  ] as const) {
    const command = runHufu(t, words ?? [], settings)
    assert.equal(await command.ended, code, command.printed())
    if (code === 1) assert.match(command.printed(), /already.*--force/)
  }
})
