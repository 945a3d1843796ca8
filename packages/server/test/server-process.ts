import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSimulator, type Simulator, type SimulatorOptions } from '@hufu/simulator'
import { adminToken, apps, masterKey } from './world.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** Node keeps the types-stripped code here: a start costs half. */
export const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/compile/', import.meta.url))
const PATIENCE = 60_000

export type Settings = Record<string, string>

/** A process of `hufu`, and all that it printed. */
export interface HufuProcess {
  child: ChildProcess
  printed(): string
  /** Resolves to the exit code, or the name of the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Runs the `hufu` command as it is run by hand, with these settings and no others. */
export function runHufu(t: TestContext, words: readonly string[], settings: Settings, input = ''): HufuProcess {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = COMPILE_CACHE } = process.env
  const env = { PATH, HOME, NODE_COMPILE_CACHE, ...settings }
  const child = spawn(process.execPath, ['-C', 'source', MAIN, ...words], { env, stdio: 'pipe', cwd: tmpdir() })
  child.stdin.on('error', () => {}) // it may end before it reads
  child.stdin.end(input)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      text += bytes
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, printed: () => text, ended }
}

export interface ServerProcess extends HufuProcess {
  url: string
  adminUrl: string | undefined
}

/** Starts `hufu serve` and waits until it says where it listens. */
export async function startHufu(t: TestContext, settings: Settings): Promise<ServerProcess> {
  const hufu = runHufu(t, ['serve'], { HUFU_LOG_LEVEL: 'debug', HUFU_PORT: '0', HUFU_ADMIN_PORT: '0', ...settings })
  const started = await new Promise<Record<string, string>>((resolve, reject) => {
    const fail = () => reject(new assert.AssertionError({ message: `hufu did not start:\n${hufu.printed()}` }))
    const timer = setTimeout(fail, PATIENCE)
    void hufu.ended.then(fail)
    hufu.child.stderr?.on('data', () => {
      const line = /^\{.*"msg":"started"\}$/m.exec(hufu.printed())?.[0]
      if (!line) return
      clearTimeout(timer)
      resolve(JSON.parse(line))
    })
  })
  const { address = '', admin } = started
  return { ...hufu, url: address, adminUrl: admin === 'off' ? undefined : admin }
}

/** A data folder and a WeChat on a real socket, for a development server that runs as a process of its own. */
export async function newSurroundings(t: TestContext, options: SimulatorOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  const wechat: Simulator = createSimulator({ callsPerMinute: 0, keepCalls: 10_000, ...options })
  for (const { realm: _, origins: __, ...app } of apps) wechat.addApp(app)
  const { url, close } = await wechat.listen()
  t.after(async () => {
    await close()
    rmSync(folder, { recursive: true, force: true })
  })
  const settings: Settings = {
    HUFU_MODE: 'development',
    HUFU_DATA_DIR: folder,
    HUFU_MASTER_KEY: masterKey,
    HUFU_ADMIN_TOKEN: adminToken,
    HUFU_LOGIN_LIMIT: '0',
    HUFU_WECHAT_BASE_URL: url,
  }
  return { folder, file: join(folder, 'hufu.db'), wechat, settings }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: unknown
}

/** One request over a real socket. */
export async function ask(url: string, method: string, body?: unknown, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) }
}

/** Tells a server about an app, as an operator would. */
export async function addApp({ adminUrl }: ServerProcess, app: (typeof apps)[number]): Promise<void> {
  const { openAccount: _, ...facts } = app
  const { status, text } = await ask(`${adminUrl}/admin/v1/apps`, 'POST', facts, adminToken)
  assert.equal(status, 201, text)
}

/** Waits for what another process or thread brings about; a minute is long enough for anything. */
export async function soon(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!condition()) {
    assert.ok(performance.now() < end, 'it did not come to it in a minute')
    await new Promise((next) => setTimeout(next, 2))
  }
}
