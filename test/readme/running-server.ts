import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../', import.meta.url))

/** As many ports as asked for, free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export interface Running {
  output(): string
  /** Asks the process group to stop and resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Starts a command and resolves once its output says what is waited for; rejects if it ends before. */
export async function start(
  command: string,
  args: string[],
  { cwd, env, until, patience = 60_000 }: { cwd: string; env: NodeJS.ProcessEnv; until: RegExp; patience?: number },
): Promise<Running> {
  const child: ChildProcess = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = once(child, 'exit')
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    const [code] = await ended
    return code
  }
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing of the kind came in time:\n${output}`)), patience)
    const hear = (chunk: Buffer): void => {
      output += chunk
      if (!until.test(output)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    ended.then(() => {
      clearTimeout(timer)
      reject(new Error(`it ended early:\n${output}`))
    })
  }).catch(async (error) => {
    await stop()
    throw error
  })
  return { output: () => output, stop }
}
