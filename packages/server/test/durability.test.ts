import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { Ledger } from './fixture/ledger.ts'
import { addApp, newProcessFixture, startHufu, waitUntil } from './fixture/process.ts'
import { outcomeOf, type Reply } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

/** Whether a promise has settled by now, and everything that was ready has had its turn. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  void promise.finally(() => {
    done = true
  })
  for (let turn = 0; turn < 50; turn++) await new Promise((soon) => setImmediate(soon))
  return done
}

test('T38 a login, a refresh and a logout are answered only after the store says that they are committed', async (t) => {
  let commit: (() => void) | undefined
  let held = false
  const hold = async <T>(written: Promise<T>): Promise<T> => {
    const value = await written
    if (held) {
      await new Promise<void>((resolve) => {
        commit = resolve
      })
    }
    return value
  }
  const server = await newServer(t, {
    around: {
      store: (store) => ({
        ...store,
        logins: { ...store.logins, commit: (facts) => hold(store.logins.commit(facts)) },
        sessions: {
          ...store.sessions,
          refresh: (facts) => hold(store.sessions.refresh(facts)),
          end: (ending) => hold(store.sessions.end(ending)),
        },
        users: { ...store.users, delete: (on) => hold(store.users.delete(on)) },
      }),
    },
  })
  const { refreshToken, accessToken: token } = await server.logIn(shop, 'mei')
  held = true
  const asked: Record<string, () => Promise<Reply>> = {
    login: () => server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'bo') }),
    refresh: () => server.post('/v1/refresh', { refreshToken }),
    logout: () => server.post('/v1/logout', undefined, { token }),
  }
  for (const [what, ask] of Object.entries(asked)) {
    const answer = ask()
    await waitUntil(() => commit !== undefined)
    assert.equal(await settled(answer), false, `${what} was answered too early`)
    commit?.()
    commit = undefined
    assert.ok((await answer).status < 300, what)
  }
})

test('T38 given a database locked by another writer, then nobody is answered until their rows are committed', async (t) => {
  const server = await newServer(t)
  const holder = new DatabaseSync(server.file)
  t.after(() => holder.close())
  holder.exec('BEGIN IMMEDIATE')
  const people = Array.from({ length: 20 }, () => server.stranger())
  const answers = people.map((person) =>
    server.post('/v1/login', { appId: shop.appId, code: server.code(shop, person) }),
  )
  assert.equal(await settled(Promise.race(answers)), false)
  assert.equal(server.count('sessions'), 0)
  holder.exec('ROLLBACK')
  for (const [n, answer] of answers.entries()) {
    const reply = await answer
    assert.equal(outcomeOf(reply), '200')
    const { refreshToken } = reply.body as { refreshToken: string }
    const [row] = server.rows('SELECT openid FROM sessions WHERE id = ?', refreshToken.split('.')[0] ?? '')
    assert.equal(row?.openid, server.wechat.openid(shop.appId, people[n] ?? ''))
  }
})

test('T38 given a commit that fails, then everybody who waited for it gets an error and no row is left', async (t) => {
  let broken = false
  const server = await newServer(t, {
    around: {
      store: (store) => ({
        ...store,
        logins: {
          ...store.logins,
          commit: (facts) => (broken ? Promise.reject(new Error('disk I/O error')) : store.logins.commit(facts)),
        },
      }),
    },
  })
  broken = true
  const person = server.stranger()
  const code = server.code(shop, person)
  const refused = await Promise.all([1, 2, 3].map(() => server.post('/v1/login', { appId: shop.appId, code })))
  for (const reply of refused) {
    assert.equal(outcomeOf(reply), '500 internal')
    assert.ok(!reply.text.includes('disk'))
  }
  assert.match(server.printed(), /disk I\/O error/)
  broken = false
  assert.equal((await server.logIn(shop, person)).user.isNew, true)
})

const CYCLES = process.env.HUFU_TEST_DEEP ? 200 : 10

test(`T20 T38 given a server killed under load ${CYCLES} times, then every answer it gave holds and no ended session is back`, async (t) => {
  const { settings, file, wechat } = await newProcessFixture(t, { seed: 'kill', codeSeed: String(Date.now()) })
  const ledger = new Ledger(wechat)
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const hufu = await startHufu(t, settings)
    if (cycle === 0) await addApp(hufu, shop)
    else assert.deepEqual(await ledger.check(hufu.url), [], `after kill ${cycle}`)
    const load = ledger.load(hufu.url, 8)
    const enough = ledger.acknowledged + 10 + Math.random() * 100
    await waitUntil(() => ledger.acknowledged >= enough)
    await new Promise((now) => setTimeout(now, Math.random() * 5)) // anywhere between two answers
    hufu.child.kill('SIGKILL')
    await Promise.all([load, hufu.ended])
  }
  const hufu = await startHufu(t, settings)
  assert.deepEqual(await ledger.check(hufu.url), [])
  hufu.child.kill('SIGTERM')
  assert.equal(await hufu.ended, 0)
  const db = new DatabaseSync(file, { readOnly: true })
  t.after(() => db.close())
  const one = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0]
  assert.equal(one('PRAGMA integrity_check'), 'ok')
  assert.equal(one('PRAGMA foreign_key_check'), undefined)
  assert.equal(one('SELECT COUNT(*) FROM users'), one('SELECT COUNT(DISTINCT user_id) FROM identities'))
  assert.ok(ledger.acknowledged > CYCLES * 10, String(ledger.acknowledged))
  t.diagnostic(`${ledger.acknowledged} answers held`)
})

test('T38 given a database that lost its latest writes, then the ledger of the test before notices', async (t) => {
  const { settings, file, wechat } = await newProcessFixture(t, { seed: 'lost', codeSeed: String(Date.now()) })
  const ledger = new Ledger(wechat)
  const run = async (answers: number): Promise<void> => {
    const hufu = await startHufu(t, settings)
    if (ledger.acknowledged === 0) await addApp(hufu, shop)
    const enough = ledger.acknowledged + answers
    const load = ledger.load(hufu.url, 8)
    await waitUntil(() => ledger.acknowledged >= enough)
    hufu.child.kill('SIGKILL')
    await Promise.all([load, hufu.ended])
  }
  await run(30)
  const copies = ['', '-wal', '.stamp'].map((end) => [`${file}${end}`, readFileSync(`${file}${end}`)] as const)
  await run(100)
  rmSync(`${file}-shm`)
  for (const [name, bytes] of copies) writeFileSync(name, bytes)
  const hufu = await startHufu(t, settings)
  const wrong = await ledger.check(hufu.url)
  assert.ok(wrong.some((line) => line.includes('the session is lost')))
})
