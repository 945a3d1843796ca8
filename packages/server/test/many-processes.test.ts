import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply, Problem, TokenReply } from '@hufu/contract'
import { readMigrations } from '../src/adapters/migrations.ts'
import { club, loner, shop } from './fixture/apps.ts'
import { type Cluster, newCluster } from './fixture/cluster.ts'
import type { Answer, ServerProcess } from './fixture/process.ts'
import { checkGraph } from './stores/schema/check-graph.ts'

const codeOf = ({ body }: Answer): string => (body as Problem).code

test('given four server processes on one PostgreSQL, then they answer as one server', async (t) => {
  const cluster = await newCluster(t)
  const part = (title: string, work: (cluster: Cluster) => Promise<void>) =>
    t.test(title, async () => {
      await work(cluster)
      await checkGraph(cluster)
    })

  await part(
    'given an empty database, when all start at once, then one migrates it and one answers operators',
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

  await part(
    'B5 T15 given two hundred first logins of one person in two apps at once, then there is one user',
    async (cluster) => {
      for (let round = 0; round < 3; round++) {
        const person = cluster.stranger()
        const began = performance.now()
        const logins = await cluster.everywhere(200, (index) =>
          cluster.logIn(index, index % 8 < 4 ? shop : club, person),
        )
        t.diagnostic(`slowest of 200 first logins of one person: ${Math.round(performance.now() - began)} ms`)
        assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
        assert.equal(logins.filter(({ user }) => user.isNew).length, 1)
        const [{ id } = { id: '' }] = logins.map(({ user }) => user)
        assert.deepEqual(await cluster.select(`SELECT COUNT(*) AS n FROM identities WHERE user_id = '${id}'`), [
          { n: 2 },
        ])
        const live = `SELECT COUNT(*) AS n FROM sessions WHERE user_id = '${id}' AND ended IS NULL GROUP BY app_id`
        assert.deepEqual(await cluster.select(live), [{ n: 10 }, { n: 10 }])
      }
    },
  )

  await part(
    'B5 T15 T16 given two hundred logins at once that could each unify two users, then they are unified once',
    async (cluster) => {
      const person = cluster.stranger()
      const elder = await cluster.logIn(0, loner, person)
      const younger = await cluster.logIn(1, shop, person)
      cluster.wechat.bind(loner.appId, 'owner')
      const logins = await cluster.everywhere(200, (index) =>
        cluster.logIn(index, index % 8 < 4 ? shop : loner, person),
      )
      cluster.wechat.bind(loner.appId, null)
      const ids = new Set(logins.map(({ user }) => user.id))
      assert.ok([...ids].every((id) => id === elder.user.id || id === younger.user.id))
      const last = await cluster.logIn(2, shop, person)
      assert.deepEqual(last.user, { id: elder.user.id, isNew: false, formerIds: [younger.user.id] })
      const messages = `SELECT COUNT(*) AS n FROM outbox WHERE kind = 'user.unified' AND user_id = '${elder.user.id}'`
      assert.deepEqual(await cluster.select(messages), [{ n: 1 }])
    },
  )

  await part(
    'T07 given one code posted to all processes at once, then there is one session and each asked WeChat at most once',
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

  await part('a token of one process is good on all, and a logout on one holds on all', async (cluster) => {
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

  await part(
    'T19 given a hundred refreshes of one token on all processes at once, then it has one successor',
    async (cluster) => {
      let { refreshToken } = (await cluster.logIn(0, shop, cluster.stranger())) as TokenReply
      for (let round = 0; round < 5; round++) {
        const answers = await cluster.everywhere(100, (index) => cluster.refresh(index, refreshToken))
        assert.ok(answers.every(({ status }) => status === 200))
        const successors = new Set(answers.map(({ body }) => (body as TokenReply).refreshToken))
        assert.equal(successors.size, 1)
        refreshToken = [...successors][0] ?? ''
      }
    },
  )

  await part('T18 given a refresh token used twice, then its session is over on all processes', async (cluster) => {
    const login = await cluster.logIn(0, shop, cluster.stranger())
    const second = (await cluster.refresh(1, login.refreshToken)).body as TokenReply
    const third = (await cluster.refresh(2, second.refreshToken)).body as TokenReply
    assert.equal(codeOf(await cluster.refresh(3, login.refreshToken)), 'refresh_reused')
    const answers = await cluster.everywhere(4, (index) => cluster.refresh(index, third.refreshToken))
    assert.deepEqual(answers.map(codeOf), Array(4).fill('refresh_reused'))
    const tokens = await cluster.everywhere(4, (index) => cluster.get(index, '/v1/me', third.accessToken))
    assert.deepEqual(tokens.map(codeOf), Array(4).fill('token_invalid'))
  })

  await part('T11 T25 given a blocked user, then every process refuses at once', async (cluster) => {
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

  await part('T25 given a changed AppSecret, then every process comes to use it', async (cluster) => {
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

  await part(
    'T20 given a process that is killed and starts again, then nothing that ended is back and nothing is lost',
    async (cluster) => {
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

      await cluster.restart(victim)
      for (const index of [victim, victim + 1]) {
        assert.equal(codeOf(await cluster.refresh(index, out.refreshToken)), 'token_invalid')
        assert.equal(codeOf(await cluster.get(index, '/v1/me', out.accessToken)), 'token_invalid')
        assert.equal(codeOf(await cluster.refresh(index, stolen.refreshToken)), 'refresh_reused')
        assert.equal((await cluster.get(index, '/v1/me', alive.accessToken)).status, 200)
      }
      assert.equal((await cluster.refresh(victim, successors[0] ?? '')).status, 200)
    },
  )

  await part('in all of this no process logged an error', async ({ processes }) => {
    for (const server of processes) assert.doesNotMatch(server.printed(), /request_failed|chore_failed|"level":(50|60)/)
  })
})
