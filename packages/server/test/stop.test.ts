import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  ask,
  COMPILE_CACHE,
  newProcessFixture,
  runHufu,
  type Settings,
  startHufu,
  waitUntil,
} from './fixture/process.ts'
import { productionSettings } from './fixture/production.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const bin = join(repository, 'node_modules', '.bin')
const withSignals = { skip: process.platform === 'win32' ? 'has no signals' : false }

/** As on a machine with an older Node: no process takes another's place. */
const WITHOUT_EXECVE = '--import=data:text/javascript,process.execve=undefined'

/** Starts something that starts a server, in a process group of its own, and finds the server's own process. */
async function launch(t: TestContext, command: string, args: string[], settings: Settings, env: Settings = {}) {
  const { PATH = '', HOME = '' } = process.env
  const launcher: ChildProcess = spawn(command, args, {
    cwd: repository,
    detached: true,
    env: { PATH: `${bin}:${PATH}`, HOME, NODE_COMPILE_CACHE: COMPILE_CACHE, ...settings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [launcher.stdout, launcher.stderr]) stream?.on('data', (bytes) => (printed += bytes))
  const ended = once(launcher, 'exit').then(([code, signal]) => code ?? signal)
  t.after(async () => {
    try {
      process.kill(-(launcher.pid ?? 0), 'SIGKILL')
    } catch {
      // all of it has ended
    }
    await ended
  })
  await waitUntil(() => printed.includes('"msg":"started"') || launcher.exitCode !== null)
  assert.match(printed, /"msg":"started"/)
  const address = /"address":"([^"]+)"/.exec(printed)?.[1] ?? ''
  return { launcher, ended, address, printed: () => printed }
}

const answers = (address: string): Promise<boolean> =>
  ask(`${address}/healthz`, 'GET').then(
    () => true,
    () => false,
  )

const WAYS: Record<string, { command: string; args: string[]; env?: Settings }> = {
  'node_modules/.bin/hufu serve': { command: join(bin, 'hufu'), args: ['serve'] },
  'the same where the launcher stays': {
    command: join(bin, 'hufu'),
    args: ['serve'],
    env: { NODE_OPTIONS: WITHOUT_EXECVE },
  },
  'npm run hufu -- serve': { command: 'npm', args: ['run', '-s', 'hufu', '--', 'serve'] },
  'a shell that waits for it': { command: 'sh', args: ['-c', 'npx --no hufu serve; exit $?'] },
}
for (const [way, { command, args, env }] of Object.entries(WAYS)) {
  for (const [who, sign] of [
    ['the process group', -1],
    ['the launcher alone', 1],
  ] as const) {
    if (command === 'sh' && sign === 1) continue // it waits, and passes nothing on: no documented way
    test(`C2 given ${way}, then SIGTERM to ${who} stops the server in order`, withSignals, async (t) => {
      const { launcher, ended, address, printed } = await launch(t, command, args, productionSettings(t), env)
      assert.ok(await answers(address))
      process.kill(sign * (launcher.pid ?? 0), 'SIGTERM')
      const code = await ended
      if (command.endsWith('hufu')) assert.equal(code, 0, printed())
      const end = performance.now() + 60_000
      while ((await answers(address)) && performance.now() < end) await new Promise((next) => setTimeout(next, 20))
      assert.ok(!(await answers(address)), 'nobody answers any more')
      assert.equal(printed().match(/"msg":"stopping"/g)?.length, 1)
      assert.doesNotMatch(printed(), /stop_failed|"msg":"failed"/)
    })
  }
}

test('C2 a launcher that stays hands back the exit code, and 128 and more for a signal', withSignals, async (t) => {
  const settings = productionSettings(t)
  const { PATH = '', HOME = '' } = process.env
  for (const [words, more, code] of [
    [['--version'], {}, 0],
    [['serve'], { HUFU_PORT: 'x' }, 2],
    [['app', 'list'], {}, 3],
  ] as const) {
    const env = { PATH: `${bin}:${PATH}`, HOME, NODE_OPTIONS: WITHOUT_EXECVE, ...settings, ...more }
    const child = spawn(join(bin, 'hufu'), words, { env, stdio: 'ignore' })
    const [ended] = await once(child, 'exit')
    assert.equal(ended, code, words.join(' '))
  }
})

/** Loaded before the server, so that something breaks in it when `when` is made. */
function saboteur(t: TestContext, code: (when: string) => string): { env: Settings; strike(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [when, file] = [join(folder, 'now'), join(folder, 'break.mjs')]
  writeFileSync(
    file,
    `import { existsSync, rmSync } from 'node:fs'
     import { isMainThread } from 'node:worker_threads'
     const timer = setInterval(() => { if (!existsSync(${JSON.stringify(when)})) return
       clearInterval(timer); ${code(when)} }, 10)
     timer.unref()`,
  )
  return { env: { NODE_OPTIONS: `--import=${file}` }, strike: () => writeFileSync(when, '') }
}

const FAULTS: Record<string, string> = {
  'the thread that writes ends': 'if (!isMainThread) process.exit(3)',
  'the thread that writes throws': 'if (!isMainThread) throw new RangeError("of the thread")',
  'a promise is rejected that nobody looks at': 'if (isMainThread) Promise.reject(new RangeError("of nobody"))',
  'an exception is thrown that nobody catches': 'if (isMainThread) throw new RangeError("of nobody")',
}
for (const [fault, code] of Object.entries(FAULTS)) {
  test(`C3 given that ${fault}, then the server says so, closes everything and exits with 1`, async (t) => {
    const { env, strike } = saboteur(t, () => code)
    const settings = productionSettings(t, env)
    const server = await startHufu(t, settings)
    assert.equal((await ask(`${server.url}/readyz`, 'GET')).status, 200)
    strike()
    assert.equal(await server.ended, 1)
    assert.match(server.printed(), /"msg":"failed"/)
    assert.doesNotMatch(server.printed(), /^ +at .*\(?\/.*:\d+:\d+\)?$/m, 'no stack')
    assert.ok(!existsSync(join(settings.HUFU_DATA_DIR ?? '', 'hufu.sock')), 'the socket is closed')
    // Whoever comes next finds everything free.
    const { NODE_OPTIONS: _, ...clean } = settings
    const next = await startHufu(t, { ...clean, HUFU_PORT: new URL(server.url).port })
    assert.equal((await ask(`${next.url}/readyz`, 'GET')).status, 200)
  })
}

test('C3 a second start on the same data folder with other ports ends at once, dev as serve, and the first goes on', async (t) => {
  const { settings } = await newProcessFixture(t)
  const first = await startHufu(t, settings)
  const { HUFU_WECHAT_BASE_URL: _, ...own } = settings
  const seconds: [string[], Settings][] = [
    [['dev'], { ...own, HUFU_SIMULATOR_PORT: '0' }],
    [['dev'], { ...settings, HUFU_SIMULATOR_PORT: '0' }],
    [['dev'], { ...own, WECHAT_APP_ID: 'wx00000000000000aa', WECHAT_APP_SECRET: '0123456789abcdef0123456789abcdef' }],
    [['serve'], settings],
    [['migrate'], settings],
  ]
  for (const [words, more] of seconds) {
    const second = runHufu(t, words, { ...more, HUFU_PORT: '0', HUFU_ADMIN_PORT: '0' })
    assert.equal(await second.ended, 1, second.printed())
    assert.match(second.printed(), /^Another process holds this data folder/m, words.join(' '))
  }
  assert.equal((await ask(`${first.url}/readyz`, 'GET')).status, 200)
})

test('C3 given a port that is taken, whichever, then everything else is closed and the process ends with 1', async (t) => {
  const taken = createServer()
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
  t.after(() => taken.close())
  const address = taken.address()
  const port = String(typeof address === 'object' && address ? address.port : 0)
  const { settings, folder } = await newProcessFixture(t)
  const { HUFU_WECHAT_BASE_URL: _, ...own } = settings
  for (const [n, [words, more]] of (
    [
      [['dev'], { HUFU_SIMULATOR_PORT: port, HUFU_PORT: '0' }],
      [['dev'], { HUFU_SIMULATOR_PORT: '0', HUFU_PORT: port }],
      [['serve'], { HUFU_PORT: port }],
    ] as const
  ).entries()) {
    const data = join(folder, String(n))
    mkdirSync(data, { mode: 0o700 })
    const hufu = runHufu(t, words, { ...own, HUFU_DATA_DIR: data, HUFU_ADMIN_PORT: '0', ...more })
    assert.equal(await hufu.ended, 1, hufu.printed())
    assert.match(hufu.printed(), /The port is taken: .*HUFU_PORT/)
  }
})

test('C2 no document starts a server behind npx', () => {
  const pages = [
    'README.md',
    'README.zh-CN.md',
    'docs/operate.md',
    'docs/operate.zh-CN.md',
    'docs/method-two.md',
    'docs/method-two.zh-CN.md',
    'SECURITY.md',
  ]
  const found = pages.filter((page) =>
    /npx (--\S+ )*hufu (serve|dev)/.test(readFileSync(join(repository, page), 'utf8')),
  )
  assert.deepEqual(found, [])
})
