import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { issuer, masterKey } from '../world.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Two thirds of the time that a command takes go into reading TypeScript: the commands of all tests share the result. */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../../.artefacts/compile-cache', import.meta.url)),
}

export type Env = Readonly<Record<string, string>>

/** What a production server needs, on ports that are free, in a folder of its own that goes with the test. */
export function productionEnv(t: TestContext, more: Env = {}): Env {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return {
    HUFU_MASTER_KEY: masterKey,
    HUFU_ISSUER: issuer,
    HUFU_HOST: '127.0.0.1',
    HUFU_PORT: '0',
    HUFU_DATA_DIR: folder,
    ...more,
  }
}

function spawnHufu(args: readonly string[], env: Env, cwd?: string) {
  const child = spawn(process.execPath, ['-C', 'source', main, ...args], {
    env: { PATH: process.env.PATH, ...compileCache, ...env },
    cwd: cwd ?? env.HUFU_DATA_DIR,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  return { child, said }
}

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs one `hufu` command to its end, in its data folder unless another is named. */
export async function hufu(env: Env, args: readonly string[], input = '', cwd?: string): Promise<Ran> {
  const { child, said } = spawnHufu(args, env, cwd)
  child.stdin.end(input)
  const [status] = await once(child, 'close')
  return { status, ...said }
}

/** The addresses in the line with which a server says that it has started. */
export interface Started {
  address: string
  admin: string
  cloudRun: string
}

export interface Serving extends Started {
  /** Everything that it has said. */
  printed(): string
  stop(): Promise<void>
}

/** `hufu serve` in a process of its own, until the test ends. */
export async function serveHufu(t: TestContext, env: Env): Promise<Serving> {
  const { child, said } = spawnHufu(['serve'], env)
  const stop = () => end(child)
  t.after(stop)
  return { ...(await started(child, said)), printed: () => said.stdout + said.stderr, stop }
}

async function started(child: ChildProcess, said: { stderr: string }): Promise<Started> {
  for (;;) {
    const line = said.stderr.split('\n').find((one) => one.endsWith('"msg":"started"}'))
    if (line) return JSON.parse(line)
    await Promise.race([
      once(child.stderr ?? child, 'data'),
      once(child, 'close').then(() => Promise.reject(new Error(`hufu serve ended: ${said.stderr}`))),
    ])
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}

/** The status and body of one login through the door for cloud functions. */
export async function postAssertion(
  address: string,
  assertion: string,
): Promise<{ status: number; body: { code?: string; accessToken?: string } }> {
  const reply = await fetch(`${address}/v1/login/cloud`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ assertion }),
  })
  return { status: reply.status, body: (await reply.json()) as { code?: string; accessToken?: string } }
}
