import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { addApp, ask, newProcessFixture, runHufu, type ServerProcess, startHufu } from './fixture/process.ts'

/** A server with people in it, whose backups go into a folder of their own. */
async function newPlace(t: TestContext) {
  const { settings, folder, file, wechat } = await newProcessFixture(t)
  const backups = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(backups, { recursive: true, force: true }))
  const backup = join(backups, 'backup.db')
  const logIn = async (server: ServerProcess, name: string, app: { appId: string } = shop): Promise<LoginReply> => {
    const reply = await ask(`${server.url}/v1/login`, 'POST', { appId: app.appId, code: wechat.login(app.appId, name) })
    assert.equal(reply.status, 200, reply.text)
    return reply.body as LoginReply
  }
  const start = () => startHufu(t, settings)
  const stop = async (server: ServerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    server.child.kill(signal)
    await server.ended
  }
  const operator = async (server: ServerProcess, method: string, path: string, body?: unknown): Promise<void> => {
    const reply = await ask(`${server.adminUrl}/admin/v1/${path}`, method, body, adminToken)
    assert.ok(reply.status < 300, reply.text)
  }
  const restore = async (...more: string[]) => {
    const command = runHufu(t, ['restore', backup, ...more], { ...settings, HUFU_PORT: '0', HUFU_ADMIN_PORT: '0' })
    return { code: await command.ended, said: command.printed() }
  }
  const rows = (sql: string): Record<string, unknown>[] => {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      return db.prepare(sql).all()
    } finally {
      db.close()
    }
  }
  for (const name of ['mei', 'bo', 'lin', 'gu', 'wen']) wechat.addPerson({ name })
  return { settings, folder, file, backups, backup, wechat, logIn, start, stop, operator, restore, rows }
}

const livingIds = (rows: (sql: string) => Record<string, unknown>[]): unknown[] =>
  rows("SELECT id FROM users WHERE status IN ('active', 'blocked')").map(({ id }) => id)

test('C1 T40 I8 an erased user never comes back by a restore: erased by an operator, by themselves, or linked to another app since', async (t) => {
  const place = await newPlace(t)
  const { logIn, operator } = place
  const server = await place.start()
  for (const app of [shop, club]) await addApp(server, app as typeof shop)
  const [mei, bo, lin, gu] = await Promise.all(['mei', 'bo', 'lin', 'gu'].map((name) => logIn(server, name)))
  assert.ok(mei && bo && lin && gu)
  // Somebody who was erased and came back before the backup is a new person, and stays.
  await operator(server, 'DELETE', `users/${gu.user.id}`)
  const again = await logIn(server, 'gu')
  assert.notEqual(again.user.id, gu.user.id)
  await operator(server, 'POST', 'backup', { file: place.backup })

  await operator(server, 'DELETE', `users/${mei.user.id}`)
  assert.equal((await ask(`${server.url}/v1/me`, 'DELETE', undefined, bo.accessToken)).status, 202)
  await logIn(server, 'lin', club) // the same person in another app, after the backup
  await operator(server, 'DELETE', `users/${lin.user.id}`)
  const wen = await logIn(server, 'wen')
  await place.stop(server)
  const log = join(place.folder, 'erased.log')
  assert.equal(statSync(log).mode & 0o777, 0o600)
  const text = readFileSync(log, 'utf8')
  for (const word of [mei.user.id, mei.openid, mei.unionid, bo.openid]) assert.ok(word && !text.includes(word))

  for (const time of [1, 2]) {
    const { code, said } = await place.restore()
    assert.equal(code, 0, said)
    assert.match(said, /erased again: 3 users/)
    assert.deepEqual(livingIds(place.rows), [again.user.id], `time ${time}`)
    assert.deepEqual(
      place.rows('SELECT openid FROM identities').map(({ openid }) => openid),
      [again.openid],
    )
  }
  const next = await place.start()
  for (const [name, before] of Object.entries({ mei, bo, lin, wen })) {
    const after = await logIn(next, name)
    assert.ok(after.user.isNew)
    assert.notEqual(after.user.id, before.user.id)
  }
  assert.equal((await logIn(next, 'gu')).user.id, again.user.id)
  await place.stop(next)
})

test('C1 I8 after a kill, with the data folder lost, and from the copy beside the backups, the erasures are known', async (t) => {
  const ways: Record<string, (place: Awaited<ReturnType<typeof newPlace>>, other: string) => void> = {
    'killed at once, the log not written': ({ folder }) => rmSync(join(folder, 'erased.log'), { force: true }),
    'the database lost, the log kept': ({ file }) => {
      for (const end of ['', '-wal', '-shm', '.stamp']) rmSync(file + end, { force: true })
    },
    'the data folder lost, a later backup made': ({ folder }) => {
      rmSync(folder, { recursive: true })
      mkdirSync(folder, { mode: 0o700 })
    },
  }
  for (const [what, lose] of Object.entries(ways)) {
    const place = await newPlace(t)
    const server = await place.start()
    await addApp(server, shop)
    const [mei, bo] = [await place.logIn(server, 'mei'), await place.logIn(server, 'bo')]
    await place.operator(server, 'POST', 'backup', { file: place.backup })
    await place.operator(server, 'DELETE', `users/${mei.user.id}`)
    if (what.startsWith('killed')) await place.stop(server, 'SIGKILL')
    else {
      const log = join(place.folder, 'erased.log')
      while (!existsSync(log)) await new Promise((next) => setTimeout(next, 5))
      await place.operator(server, 'POST', 'backup', { file: join(place.backups, 'later.db') })
      await place.stop(server)
    }
    lose(place, place.backups)
    const { code, said } = await place.restore()
    assert.equal(code, 0, `${what}: ${said}`)
    assert.match(said, /erased again: 1 users/, what)
    assert.deepEqual(livingIds(place.rows), [bo.user.id], what)
  }
})

test('C1 a restore begins an epoch of its own, ends all sessions, and keeps them when asked', async (t) => {
  const place = await newPlace(t)
  const server = await place.start()
  await addApp(server, shop)
  const { refreshToken } = await place.logIn(server, 'mei')
  await place.operator(server, 'POST', 'backup', { file: place.backup })
  await place.stop(server)
  const epochs = new Set([place.rows("SELECT value FROM settings WHERE name = 'epoch'")[0]?.value])
  for (const [words, status] of [
    [[], 401],
    [['--keep-sessions'], 200],
    [[], 401],
  ] as const) {
    const { code, said } = await place.restore(...words)
    assert.equal(code, 0, said)
    assert.equal(/Sessions ended: 1/.test(said), words.length === 0)
    epochs.add(place.rows("SELECT value FROM settings WHERE name = 'epoch'")[0]?.value)
    const next = await place.start()
    assert.equal((await ask(`${next.url}/v1/refresh`, 'POST', { refreshToken })).status, status)
    await place.stop(next)
  }
  assert.equal(epochs.size, 4)
  const [event] = place.rows("SELECT detail FROM audit_events WHERE kind = 'backup_restored'")
  assert.match(String(event?.detail), /"ended":1,"erased":0/)
})

test('C1 given a list of erasures of another database, or one that is none, then nothing is restored and nothing changed', async (t) => {
  const place = await newPlace(t)
  const server = await place.start()
  await addApp(server, shop)
  await place.logIn(server, 'mei')
  await place.operator(server, 'POST', 'backup', { file: place.backup })
  await place.stop(server)
  const before = readFileSync(place.file)
  for (const [text, says] of [
    [`hufu-erased-1 ${'x'.repeat(16)}\n1 ${'y'.repeat(43)}\n`, /belongs to another database/],
    ['something else\n', /is not a list of erasures/],
    ['', /is not a list of erasures/],
  ] as const) {
    writeFileSync(join(place.backups, 'erased.log'), text)
    const { code, said } = await place.restore()
    assert.equal(code, 1, said)
    assert.match(said, says)
    assert.deepEqual(readFileSync(place.file), before)
  }
  copyFileSync(place.backup, `${place.backup}.kept`)
  rmSync(join(place.backups, 'erased.log'))
  assert.equal((await place.restore()).code, 0)
})
