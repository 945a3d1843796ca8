import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import pg from 'pg'
import { ProblemError } from '../src/domain/problem-error.ts'
import type { Store } from '../src/ports/store.ts'
import { apps, shop } from './fixture/apps.ts'
import { addApp, ask, newProcessFixture, startHufu, waitUntil } from './fixture/process.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'
import { SECOND } from './fixture/time.ts'
import { openEmptyPostgres } from './stores/postgres.ts'

const UNAVAILABLE = '503 unavailable'

/** A store that can be told to write nothing more. */
function brittle(): { around(store: Store): Store; breaks: (what: 'all' | 'logins' | undefined) => void } {
  let broken: 'all' | 'logins' | undefined
  const full = () => Promise.reject(new ProblemError('unavailable', 'full', { retryAfter: 1 }))
  return {
    around: (store) => ({
      ...store,
      logins: { ...store.logins, commit: (facts) => (broken ? full() : store.logins.commit(facts)) },
      upkeep: { ...store.upkeep, ping: (mark) => (broken === 'all' ? full() : store.upkeep.ping(mark)) },
    }),
    breaks: (what) => {
      broken = what
    },
  }
}

test('C6 while the database cannot write, logins are refused before WeChat is asked, and within a second of its return they work', async (t) => {
  const { around, breaks } = brittle()
  const server = await newServer(t, { around: { store: around } })
  await server.logIn(shop, 'mei')
  for (let round = 0; round < 3; round++) {
    breaks('all')
    server.advance(SECOND)
    const code = server.code(shop, 'mei')
    const before = server.wechat.callCount()
    for (let n = 0; n < 5; n++) {
      assert.equal(outcomeOf(await server.post('/v1/login', { appId: shop.appId, code })), UNAVAILABLE)
      assert.equal(outcomeOf(await server.get('/readyz')), UNAVAILABLE)
      server.advance(SECOND / 2)
    }
    assert.equal(server.wechat.callCount(), before)
    breaks(undefined)
    server.advance(SECOND)
    assert.equal(
      (await server.post('/v1/login', { appId: shop.appId, code })).status,
      200,
      'the same code is still good',
    )
    assert.equal((await server.get('/readyz')).status, 200)
  }
})

test('C6 a login that could not be written tells the next ones', async (t) => {
  const { around, breaks } = brittle()
  const server = await newServer(t, { around: { store: around } })
  await server.logIn(shop, 'mei')
  breaks('logins') // as on a disk that became full within the second
  assert.equal(
    outcomeOf(await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })),
    UNAVAILABLE,
  )
  breaks('all')
  const before = server.wechat.callCount()
  for (const person of ['mei', 'bo', 'mei']) {
    const reply = await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, person) })
    assert.equal(outcomeOf(reply), UNAVAILABLE)
  }
  assert.equal(server.wechat.callCount(), before)
})

test('C6 a full disk: readiness fails, no code is burnt, and it recovers by itself', async (t) => {
  const { wechat, settings, file } = await newProcessFixture(t)
  wechat.addPerson({ name: 'mei' })
  const hufu = await startHufu(t, settings)
  await addApp(hufu, apps[0] ?? assert.fail())
  const limit = (bytes: string) => execFileSync('prlimit', [`--pid=${hufu.child.pid}`, `--fsize=${bytes}:unlimited`])
  const login = (code: string) => ask(`${hufu.url}/v1/login`, 'POST', { appId: shop.appId, code })
  assert.equal((await login(wechat.login(shop.appId, 'mei'))).status, 200)

  limit('4096') // less than the log has already: nothing more is taken
  const ready = async () => (await ask(`${hufu.url}/readyz`, 'GET')).status
  for (let status = await ready(); status !== 503; status = await ready());
  const before = wechat.callCount()
  const codes = Array.from({ length: 5 }, () => wechat.login(shop.appId, 'mei'))
  for (const code of codes) assert.equal((await login(code)).status, 503)
  assert.equal(wechat.callCount(), before)

  limit('unlimited')
  for (let status = await ready(); status !== 200; status = await ready());
  for (const code of codes) assert.equal((await login(code)).status, 200, 'as good as before')
  const db = new DatabaseSync(file, { readOnly: true })
  assert.equal(db.prepare('SELECT COUNT(*) AS n FROM sessions').get()?.n, 6)
  db.close()
})

test('C6 a PostgreSQL that only reads: readiness fails, no code is burnt, and it recovers by itself', async (t) => {
  const postgres = await openEmptyPostgres()
  const { wechat, settings } = await newProcessFixture(t)
  wechat.addPerson({ name: 'mei' })
  const hufu = await startHufu(t, { ...settings, HUFU_DATABASE_URL: postgres.url })
  await addApp(hufu, apps[0] ?? assert.fail())
  const other = new pg.Client({ connectionString: postgres.url, application_name: 'test' })
  await other.connect()
  t.after(async () => {
    await other.end()
    hufu.child.kill('SIGKILL')
    await hufu.ended
    await postgres.drop()
  })
  const database = new URL(postgres.url).pathname.slice(1)
  const readOnly = async (on: boolean) => {
    await other.query('SET default_transaction_read_only = off')
    await other.query(`ALTER DATABASE "${database}" SET default_transaction_read_only = ${on}`)
    await other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hufu' AND datname = current_database()",
    )
  }
  const login = (code: string) => ask(`${hufu.url}/v1/login`, 'POST', { appId: shop.appId, code })
  const ready = async () => (await ask(`${hufu.url}/readyz`, 'GET')).status
  assert.equal((await login(wechat.login(shop.appId, 'mei'))).status, 200)

  await readOnly(true)
  for (let status = await ready(); status !== 503; status = await ready());
  const before = wechat.callCount()
  const codes = Array.from({ length: 4 }, () => wechat.login(shop.appId, 'mei'))
  for (const code of codes) assert.equal((await login(code)).status, 503)
  assert.equal(wechat.callCount(), before)

  await readOnly(false)
  for (let status = await ready(); status !== 200; status = await ready());
  for (const code of codes) assert.equal((await login(code)).status, 200)
  await waitUntil(() => wechat.callCount() === before + codes.length)
})
