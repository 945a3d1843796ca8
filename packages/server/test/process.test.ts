import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { checkSqliteVersion, openWriter } from '../src/adapters/sqlite/database.ts'
import { listen } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { adminToken, masterKey } from './fixture/config.ts'
import { addApp, ask, newProcessFixture, runHufu, type Settings, startHufu, waitUntil } from './fixture/process.ts'
import { HOUR } from './fixture/time.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const production = (folder: string): Settings => ({
  HUFU_DATA_DIR: folder,
  HUFU_MASTER_KEY: masterKey,
  HUFU_ISSUER: 'https://hufu.example',
  HUFU_HOST: '127.0.0.1',
})

test('T35 given a wrong configuration, then hufu exits with 2, names every problem and makes no file', async (t) => {
  const folder = newFolder(t)
  const broken: [Settings, RegExp][] = [
    [{ HUFU_MASTER_KEY: '' }, /HUFU_MASTER_KEY: required/],
    [{ HUFU_ISSUER: 'http://hufu.example', HUFU_PORT: 'x' }, /HUFU_PORT: .*HUFU_ISSUER: /s],
    [{ HUFU_WECHAT_BASE_URL: 'http://127.0.0.1:1' }, /HUFU_WECHAT_BASE_URL: only in development/],
    [{ HUFU_ADMIN_TOKEN: 'admin' }, /HUFU_ADMIN_TOKEN: expected at least 128 random bits/],
    [{ HUFU_MODE: 'Production' }, /HUFU_MODE: expected one of production, development/],
  ]
  await Promise.all(
    broken.map(async ([settings, said], n) => {
      const data = join(folder, String(n))
      const hufu = runHufu(t, ['serve'], { ...production(data), ...settings })
      assert.equal(await hufu.ended, 2, hufu.printed())
      assert.match(hufu.printed(), said)
      assert.doesNotMatch(hufu.printed(), /"msg":"started"| at .*\.ts:/)
    }),
  )
  assert.deepEqual(readdirSync(folder), [])
})

test('given a port that is taken, then hufu says so in one line and exits with 1', async (t) => {
  const taken = createServer()
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
  t.after(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const hufu = runHufu(t, ['serve'], { ...production(newFolder(t)), HUFU_PORT: String(port) })
  assert.equal(await hufu.ended, 1)
  assert.match(hufu.printed(), /^The port is taken: .*HUFU_PORT/)
})

/** The TCP ports on which a process listens, as the kernel has them. */
function portsOf(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return [] // closed while we looked
    }
  })
  const LISTENING = '0A'
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTENING && sockets.includes(inode ?? ''))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  )
}

const withProc = { skip: process.platform === 'linux' ? false : 'asks /proc' }

test('T35 a default start in production opens the public port and nothing else', withProc, async (t) => {
  const folder = newFolder(t)
  const hufu = await startHufu(t, production(folder))
  assert.deepEqual(portsOf(hufu.child.pid ?? 0), [Number(new URL(hufu.url).port)])
  assert.equal(hufu.adminUrl, undefined)
  assert.equal((await ask(`${hufu.url}/readyz`, 'GET')).status, 200)
  for (const path of ['/admin/v1/apps', '/_sim/people', '/metrics', '/debug']) {
    assert.equal((await ask(hufu.url + path, 'GET', undefined, adminToken)).status, 404, path)
  }
  assert.equal(statSync(join(folder, 'hufu.sock')).mode & 0o777, 0o600)
  assert.equal(statSync(folder).mode & 0o077, 0o700 & 0o077)
})

test('T35 the operators’ port opens with a token only, and answers nobody without it', withProc, async (t) => {
  const hufu = await startHufu(t, { ...production(newFolder(t)), HUFU_ADMIN_TOKEN: adminToken })
  assert.equal(portsOf(hufu.child.pid ?? 0).length, 2)
  for (const token of [undefined, '', 'x', adminToken.slice(1), `${adminToken}x`, adminToken.toUpperCase()]) {
    assert.equal((await ask(`${hufu.adminUrl}/admin/v1/apps`, 'GET', undefined, token)).status, 401)
  }
  assert.equal((await ask(`${hufu.adminUrl}/admin/v1/apps`, 'GET', undefined, adminToken)).status, 200)
  assert.equal((await ask(`${hufu.adminUrl}/v1/login`, 'POST', {}, adminToken)).status, 404)
})

test('T39 an SQLite version that can lose data is refused', () => {
  for (const old of ['3.51.2', '3.50.4', '3.45.0', '3.9.0', '2.8.17', '0.0.0', '3.52.0', '']) {
    assert.throws(() => checkSqliteVersion(old), { code: 'server_misconfigured', message: /can lose data/ }, old)
  }
  for (const good of ['3.51.3', '3.51.10', '3.52.1', '3.53.4', '4.0.0', process.versions.sqlite])
    checkSqliteVersion(good)
})

test('T38 the SQLite writer syncs every commit by default', (t) => {
  const file = join(newFolder(t), 'hufu.db')
  const db = openWriter(file, 'FULL')
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  assert.equal(pragma('synchronous'), 2)
  assert.equal(pragma('journal_mode'), 'wal')
  assert.equal(pragma('foreign_keys'), 1)
  db.close()
})

test('T39 a second server on the same data folder is refused, and commands reach the first through its socket', async (t) => {
  const { settings, folder, wechat } = await newProcessFixture(t)
  const first = await startHufu(t, settings)
  await addApp(first, shop)
  const second = runHufu(t, ['serve'], { ...settings, HUFU_PORT: '0', HUFU_ADMIN_PORT: '0' })
  assert.equal(await second.ended, 1)
  assert.match(second.printed(), /^Another process holds this data folder/m)

  const list = runHufu(t, ['app', 'list'], { HUFU_DATA_DIR: folder })
  assert.equal(await list.ended, 0, list.printed())
  assert.match(list.printed(), new RegExp(shop.appId))

  // However it ends, nothing is left behind that would keep the next one out.
  first.child.kill('SIGKILL')
  await first.ended
  const third = await startHufu(t, settings)
  wechat.addPerson({ name: 'mei' })
  const login = { appId: shop.appId, code: wechat.login(shop.appId, 'mei') }
  assert.equal((await ask(`${third.url}/v1/login`, 'POST', login)).status, 200)
})

test('given SIGTERM, then a server answers the requests under way and stops', async (t) => {
  const { settings, wechat } = await newProcessFixture(t)
  const hufu = await startHufu(t, settings)
  await addApp(hufu, shop)
  wechat.addPerson({ name: 'mei' })
  wechat.fault({ fault: 'delay', ms: 500 })
  const code = wechat.login(shop.appId, 'mei')
  const under = ask(`${hufu.url}/v1/login`, 'POST', { appId: shop.appId, code })
  await waitUntil(() => wechat.callCount() > 0)
  hufu.child.kill('SIGTERM')
  const reply = await under
  assert.equal(reply.status, 200, reply.text)
  assert.ok((reply.body as LoginReply).accessToken)
  assert.equal(await hufu.ended, 0)
})

test('a connection that its client keeps does not hold up a server that stops', async () => {
  const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>()
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
  const server = await listen(
    async () => {
      ask()
      await mayAnswer
      return new Response()
    },
    { host: '127.0.0.1', port: 0 },
  )
  const agent = new Agent({ keepAlive: true })
  const replied = once(get(server.address, { agent }), 'response')
  await isAsked
  const closed = server.close(HOUR) // were it held up, this test would not end
  answer()
  const [reply]: IncomingMessage[] = await replied
  assert.equal(reply?.resume().statusCode, 200)
  await closed
  agent.destroy()
})

test('T05 an AppSecret comes from a file or a pipe, never from an argument', async (t) => {
  const folder = newFolder(t)
  const settings = production(folder)
  const file = join(folder, 'secret')
  writeFileSync(file, `${shop.secret}\n`)
  assert.equal(await runHufu(t, ['migrate'], settings).ended, 0)
  const added = runHufu(t, ['app', 'add', shop.appId, '--secret-file', file], settings)
  assert.equal(await added.ended, 0, added.printed())
  const rotated = runHufu(t, ['app', 'rotate-secret', shop.appId], settings, {
    input: 'another-secret-through-a-pipe\n',
  })
  assert.equal(await rotated.ended, 0, rotated.printed())
  const asArgument = runHufu(t, ['app', 'add', 'wx9', '--secret', shop.secret], settings)
  assert.equal(await asArgument.ended, 1)
  for (const { printed } of [added, rotated]) {
    assert.ok(!printed().includes(shop.secret) && !printed().includes('another-secret'))
  }
})
