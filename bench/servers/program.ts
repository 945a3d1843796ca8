import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../', import.meta.url))

export interface ProgramOptions {
  name: string
  /** What Node is to run, relative to the repository, and its arguments. */
  args: string[]
  env: Record<string, string>
  url: URL
  /** A path that answers with any status as soon as the server can. */
  ready: string
}

/** For a server to end when it is asked to. */
const PATIENCE_MS = 15_000

/** A server in a process of its own. */
export class Program {
  readonly name: string
  readonly url: URL
  /** From the start of the process to the last byte of its first answer, in milliseconds. */
  readonly startedIn: number
  readonly #process: ChildProcess

  private constructor(name: string, url: URL, process: ChildProcess, startedIn: number) {
    this.name = name
    this.url = url
    this.startedIn = startedIn
    this.#process = process
  }

  static async start({ name, args, env, url, ready }: ProgramOptions): Promise<Program> {
    const began = performance.now()
    const child = spawn(process.execPath, args, {
      cwd: repository,
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
    })
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${name} ended before it answered:\n${said}`)
      if (performance.now() - began > 60_000) {
        child.kill('SIGKILL')
        throw new Error(`${name} did not answer within a minute:\n${said}`)
      }
      try {
        await (await fetch(new URL(ready, url))).arrayBuffer()
        return new Program(name, url, child, performance.now() - began)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  }

  /** Resident memory in MiB, of which `own` is not shared with files on disk; NaN where the system does not say. */
  memory(): { resident: number; own: number } {
    const status = readProc(this.#process.pid, 'status')
    const mebibytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024
    return { resident: mebibytes('VmRSS'), own: mebibytes('RssAnon') }
  }

  /** Processor time used so far by all its threads, in seconds; NaN where the system does not say. */
  processorTime(): number {
    const fields = readProc(this.#process.pid, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / 100
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MS)
    await gone
    clearTimeout(patience)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  server.close()
  await once(server, 'close')
  return typeof at === 'object' && at !== null ? at.port : 0
}

function readProc(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
