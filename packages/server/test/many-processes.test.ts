import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LoginReply, Problem, TokenReply } from '@hufu/contract'
import { readMigrations } from '../src/adapters/migrations.ts'
import {
  type Answer,
  addApp,
  ask,
  newSurroundings,
  type ServerProcess,
  type Settings,
  startHufu,
} from './server-process.ts'
import { openEmptyPostgres } from './stores/postgres.ts'
import { checkGraph } from './stores/schema/check-graph.ts'
import { readable } from './stores/sqlite.ts'
import { adminToken, club, loner, shop } from './world.ts'

/** A port that nobody has, below those that systems hand out by themselves: nobody gets it in the meantime. */
async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000)
  const probe = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return freePort()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Four servers that start at once on one PostgreSQL without a table, and the WeChat that they all ask. */
async function fourProcesses(t: TestContext) {
  const database = await openEmptyPostgres()
  t.after(database.drop)
  const { folder, wechat, settings } = await newSurroundings(t)
  const port = String(await freePort())
  const settingsOf = (index: number): Settings => ({
    ...settings,
    HUFU_DATABASE_URL: database.url,
    HUFU_DATA_DIR: join(folder, String(index)),
    HUFU_ISSUER: 'http://hufu.example',
    HUFU_ADMIN_PORT: port,
    HUFU_LOG_LEVEL: 'info',
  })
  const start = (index: number): Promise<ServerProcess> => startHufu(t, settingsOf(index))
  const processes = await Promise.all([0, 1, 2, 3].map(start))
  const first = processes.find(({ adminUrl }) => adminUrl !== undefined)
  assert.ok(first, 'somebody answers operators')
  for (const app of [shop, club, loner]) await addApp(first, app)

  const select = async (sql: string) => (await database.select(sql)).map(readable)
  let people = 0
  const cluster = {
    wechat,
    processes,
    first,
    start,
    select,
    admin: async (method: string, path: string, body?: unknown): Promise<Answer> => {
      const answer = await ask(`${first.adminUrl}/admin/v1/${path}`, method, body, adminToken)
      assert.ok(answer.status < 300, answer.text)
      return answer
    },
    post: (index: number, path: string, body: unknown): Promise<Answer> =>
      ask(`${cluster.processes[index % 4]?.url}${path}`, 'POST', body),
    get: (index: number, path: string, token: string): Promise<Answer> =>
      ask(`${cluster.processes[index % 4]?.url}${path}`, 'GET', undefined, token),
    /** Somebody whom nobody has met. */
    stranger(): string {
      const name = `stranger-${++people}`
      wechat.addPerson({ name })
      return name
    },
    async logIn(index: number, app: { appId: string }, person: string): Promise<LoginReply> {
      const answer = await cluster.post(index, '/v1/login', { appId: app.appId, code: wechat.login(app.appId, person) })
      assert.equal(answer.status, 200, answer.text)
      return answer.body as LoginReply
    },
    /** The same through every process in turn, all at once. */
    everywhere: <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: times }, (_, index) => work(index))),
    refresh: (index: number, refreshToken: string) => cluster.post(index, '/v1/refresh', { refreshToken }),
  }
  // Each process hears of the new apps within a second.
  await Promise.all(processes.map((server) => untilKnown(server, shop)))
  return cluster
}
type Cluster = Awaited<ReturnType<typeof fourProcesses>>

/** A code that WeChat cannot know is refused for itself as soon as the app is known. */
async function untilKnown({ url }: ServerProcess, { appId }: { appId: string }): Promise<void> {
  for (;;) {
    const answer = await ask(`${url}/v1/login`, 'POST', {
      appId,
      code: `unknown-${Math.random()}`.replace('.', ''),
    })
    if ((answer.body as Problem).code !== 'app_unknown') return
  }
}

const codeOf = ({ body }: Answer): string => (body as Problem).code

test('four processes on one PostgreSQL are one server', async (t) => {
  const cluster = await fourProcesses(t)
  const one = (sentence: string, work: (cluster: Cluster) => Promise<void>) =>
    t.test(sentence, async () => {
      await work(cluster)
      await checkGraph(cluster)
    })

  await one(
    'all start at once on an empty database, and the first of them answers operators',
    async ({ processes, select }) => {
      assert.equal(processes.filter(({ adminUrl }) => adminUrl !== undefined).length, 1)
      const numbers = readMigrations('postgres').map(({ number }) => ({ number }))
      assert.deepEqual(await select('SELECT number FROM hufu_migrations ORDER BY number'), numbers)
      assert.deepEqual(await select('SELECT id FROM realms'), [{ id: 'default' }])
      assert.deepEqual(await select('SELECT purpose FROM keys ORDER BY purpose'), [
        { purpose: 'refresh' },
        { purpose: 'signing' },
      ])
    },
  )

  await one('B5 T15 two hundred first logins of one person in two apps at once make one user', async (cluster) => {
    for (let round = 0; round < 3; round++) {
      const person = cluster.stranger()
      const began = performance.now()
      let slowest = 0
      const logins = await cluster.everywhere(200, async (index) => {
        const login = await cluster.logIn(index, index % 8 < 4 ? shop : club, person)
        slowest = performance.now() - began
        return login
      })
      t.diagnostic(`slowest of 200 first logins of one person: ${Math.round(slowest)} ms`)
      assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
      assert.equal(logins.filter(({ user }) => user.isNew).length, 1)
      const [{ id } = { id: '' }] = logins.map(({ user }) => user)
      assert.deepEqual(await cluster.select(`SELECT COUNT(*) AS n FROM identities WHERE user_id = '${id}'`), [{ n: 2 }])
      const live = `SELECT COUNT(*) AS n FROM sessions WHERE user_id = '${id}' AND ended IS NULL GROUP BY app_id`
      assert.deepEqual(await cluster.select(live), [{ n: 10 }, { n: 10 }])
    }
  })

  await one('B5 T15 T16 two hundred logins that each could unify two users unify them once', async (cluster) => {
    const person = cluster.stranger()
    const elder = await cluster.logIn(0, loner, person)
    const younger = await cluster.logIn(1, shop, person)
    cluster.wechat.bind(loner.appId, 'owner')
    const logins = await cluster.everywhere(200, (index) => cluster.logIn(index, index % 8 < 4 ? shop : loner, person))
    cluster.wechat.bind(loner.appId, null)
    const ids = new Set(logins.map(({ user }) => user.id))
    assert.ok([...ids].every((id) => id === elder.user.id || id === younger.user.id))
    const last = await cluster.logIn(2, shop, person)
    assert.deepEqual(last.user, { id: elder.user.id, isNew: false, formerIds: [younger.user.id] })
    const told = `SELECT COUNT(*) AS n FROM outbox WHERE kind = 'user.unified' AND user_id = '${elder.user.id}'`
    assert.deepEqual(await cluster.select(told), [{ n: 1 }])
  })

  await one(
    'T07 one code posted to all of them at once makes one session, and each asks WeChat at most once',
    async (cluster) => {
      for (let round = 0; round < 5; round++) {
        const code = cluster.wechat.login(shop.appId, cluster.stranger())
        const before = cluster.wechat.callCount()
        const answers = await cluster.everywhere(20, (index) =>
          cluster.post(index, '/v1/login', { appId: shop.appId, code }),
        )
        assert.ok(
          answers.every(({ status }) => status === 200),
          answers.map(({ text }) => text).join('\n'),
        )
        const logins = answers.map(({ body }) => body as LoginReply)
        assert.equal(new Set(logins.map(({ refreshToken }) => refreshToken)).size, 1)
        assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
        assert.ok(cluster.wechat.callCount() - before <= 4)
      }
    },
  )

  await one('a token of one is good on all, and a logout on one is heard by all', async (cluster) => {
    const login = await cluster.logIn(0, shop, cluster.stranger())
    const seen = await cluster.everywhere(4, (index) => cluster.get(index, '/v1/me', login.accessToken))
    assert.deepEqual(
      seen.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    const out = await cluster.post(1, '/v1/logout', { refreshToken: login.refreshToken })
    assert.equal(out.status, 204)
    const after = await cluster.everywhere(4, (index) => cluster.get(index, '/v1/me', login.accessToken))
    assert.deepEqual(after.map(codeOf), Array(4).fill('token_invalid'))
  })

  await one('T19 a hundred refreshes of one token on all of them at once make one successor', async (cluster) => {
    let { refreshToken } = (await cluster.logIn(0, shop, cluster.stranger())) as TokenReply
    for (let round = 0; round < 5; round++) {
      const answers = await cluster.everywhere(100, (index) => cluster.refresh(index, refreshToken))
      assert.ok(answers.every(({ status }) => status === 200))
      const successors = new Set(answers.map(({ body }) => (body as TokenReply).refreshToken))
      assert.equal(successors.size, 1)
      refreshToken = [...successors][0] ?? ''
    }
  })

  await one('T18 a stolen token ends its family on all of them', async (cluster) => {
    const login = await cluster.logIn(0, shop, cluster.stranger())
    const second = (await cluster.refresh(1, login.refreshToken)).body as TokenReply
    const third = (await cluster.refresh(2, second.refreshToken)).body as TokenReply
    assert.equal(codeOf(await cluster.refresh(3, login.refreshToken)), 'refresh_reused')
    const answers = await cluster.everywhere(4, (index) => cluster.refresh(index, third.refreshToken))
    assert.deepEqual(answers.map(codeOf), Array(4).fill('refresh_reused'))
    const tokens = await cluster.everywhere(4, (index) => cluster.get(index, '/v1/me', third.accessToken))
    assert.deepEqual(tokens.map(codeOf), Array(4).fill('token_invalid'))
  })

  await one('T11 T25 a block is heard by all of them at once', async (cluster) => {
    const person = cluster.stranger()
    const login = await cluster.logIn(0, shop, person)
    await cluster.admin('POST', `users/${login.user.id}/block`)
    const code = () => cluster.wechat.login(shop.appId, person)
    const answers = await cluster.everywhere(12, (index) => {
      if (index < 4) return cluster.get(index, '/v1/me', login.accessToken)
      if (index < 8) return cluster.refresh(index, login.refreshToken)
      return cluster.post(index, '/v1/login', { appId: shop.appId, code: code() })
    })
    assert.deepEqual(answers.map(codeOf), Array(12).fill('user_blocked'))
  })

  await one('T25 a changed AppSecret comes to be used by all of them', async (cluster) => {
    const origin = 'https://changed.example'
    const secret = 'changedchangedchangedchanged1234'
    const { openAccount, appId } = shop
    cluster.wechat.addApp({ appId, kind: 'miniprogram', openAccount, secret })
    await cluster.admin('PATCH', `apps/${appId}`, { secret, origins: [origin] })
    // The origin came with the secret, and to ask for it costs nothing.
    const knows = async ({ url }: ServerProcess): Promise<boolean> => {
      const preflight = await fetch(`${url}/v1/login`, { method: 'OPTIONS', headers: { origin } })
      return preflight.headers.has('access-control-allow-origin')
    }
    for (const server of cluster.processes) while (!(await knows(server)));
    await cluster.everywhere(4, (index) => cluster.logIn(index, shop, cluster.stranger()))
  })

  await one('T20 one that is killed and starts again brings nothing back, and loses nothing', async (cluster) => {
    const victim = cluster.processes.findIndex((server) => server !== cluster.first)
    const [alive, out, stolen] = [
      await cluster.logIn(victim, shop, cluster.stranger()),
      await cluster.logIn(victim, shop, cluster.stranger()),
      await cluster.logIn(victim, shop, cluster.stranger()),
    ]
    const rotated = (await cluster.refresh(victim, alive.refreshToken)).body as TokenReply
    assert.equal((await cluster.post(victim, '/v1/logout', { refreshToken: out.refreshToken })).status, 204)
    const second = (await cluster.refresh(victim, stolen.refreshToken)).body as TokenReply
    assert.equal((await cluster.refresh(victim, second.refreshToken)).status, 200)
    const racing = cluster.everywhere(20, (index) =>
      cluster.refresh(index, rotated.refreshToken).catch(() => undefined),
    )
    cluster.processes[victim]?.child.kill('SIGKILL')
    await cluster.processes[victim]?.ended
    const successors = (await racing).flatMap((answer) =>
      answer?.status === 200 ? [(answer.body as TokenReply).refreshToken] : [],
    )
    assert.equal(new Set(successors).size, 1)

    cluster.processes[victim] = await cluster.start(victim)
    for (const index of [victim, victim + 1]) {
      assert.equal(codeOf(await cluster.refresh(index, out.refreshToken)), 'token_invalid')
      assert.equal(codeOf(await cluster.get(index, '/v1/me', out.accessToken)), 'token_invalid')
      assert.equal(codeOf(await cluster.refresh(index, stolen.refreshToken)), 'refresh_reused')
      assert.equal((await cluster.get(index, '/v1/me', alive.accessToken)).status, 200)
    }
    assert.equal((await cluster.refresh(victim, successors[0] ?? '')).status, 200)
  })

  await one('and none of them ever had an error to report', async ({ processes }) => {
    for (const server of processes) assert.doesNotMatch(server.printed(), /request_failed|chore_failed|"level":(50|60)/)
  })
})
