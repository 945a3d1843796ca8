import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newProcessFixture } from '../../packages/server/test/fixture/process.ts'

const MAIN = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
const STARTED = /^\{.*"msg":"started"\}$/m

/** A server under strace, with a WeChat of its own. */
export interface TracedServer {
  url: string
  wechat: Awaited<ReturnType<typeof newProcessFixture>>['wechat']
  adminUrl: string
  /** Ends the server and resolves to what strace wrote. */
  stop(): Promise<string>
}

/** @param imports modules that Node runs first, in every thread */
export async function startTraced(t: TestContext, { imports }: { imports: string[] }): Promise<TracedServer> {
  const { folder, wechat, settings } = await newProcessFixture(t)
  const trace = join(folder, 'trace')
  const watched = 'trace=fdatasync,fsync,sendto,writev,write,pwrite64'
  const strace = ['-f', '--seccomp-bpf', '-y', '-s', '8192', '-e', watched, '-o', trace]
  const node = [process.execPath, ...imports.flatMap((one) => ['--import', one]), '-C', 'source', MAIN, 'serve']
  const ports = { HUFU_PORT: '0', HUFU_ADMIN_PORT: '0' }
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...settings, ...ports }
  const child = spawn('strace', [...strace, ...node], { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
  const ended = once(child, 'close')
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (printed += bytes))
  while (!STARTED.test(printed)) {
    if (child.exitCode !== null) throw new Error(`the server did not start:\n${printed}`)
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended])
  }
  const { address, admin } = JSON.parse(STARTED.exec(printed)?.[0] ?? '{}')
  // strace would leave its charge running, so that one is asked to end; it is the first of whom the trace speaks.
  const pid = Number(/^\d+/.exec(readFileSync(trace, 'latin1'))?.[0])
  const stop = async (): Promise<string> => {
    process.kill(pid, 'SIGTERM')
    await ended
    return readFileSync(trace, 'latin1')
  }
  t.after(() => void (child.exitCode === null && process.kill(pid, 'SIGKILL')))
  return { url: address, adminUrl: admin, wechat, stop }
}
