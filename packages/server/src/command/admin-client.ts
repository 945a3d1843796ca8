import { existsSync } from 'node:fs'
import type { Problem } from '@hufu/contract'
import { pinoLog } from '../adapters/pino-log.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { compose } from '../compose.ts'
import type { Config } from '../config.ts'
import { openStore } from '../runtime/open-store.ts'
import { socketPath } from '../runtime/start-server.ts'

/** The admin API, wherever it is: a running server's socket, or the store itself when no server runs. */
export interface AdminClient {
  /** @throws {AdminProblem} when the answer is a problem. */
  call<T = unknown>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
  /** Whether a running server answers. */
  running: boolean
  close(): Promise<void>
}

/** The server refused; the message is its own. */
export class AdminProblem extends Error {
  override readonly name = 'AdminProblem'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export async function adminClient(config: () => Config, dataDir: string): Promise<AdminClient> {
  return (await overSocket(socketPath({ dataDir }))) ?? (await onStore(config()))
}

async function overSocket(path: string): Promise<AdminClient | undefined> {
  if (!existsSync(path)) return undefined
  const { Client } = await import('undici') // the server itself has no use for it
  // A backup takes as long as it takes.
  const client = new Client('http://localhost', { socketPath: path, headersTimeout: 0 })
  const send: Send = async (method, target, body) => {
    const reply = await client.request({
      method,
      path: `/admin/v1/${target}`,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body }),
    })
    return { status: reply.statusCode, text: await reply.body.text() }
  }
  try {
    await send('GET', 'realms')
  } catch {
    await client.destroy() // left behind by a server that was killed
    return undefined
  }
  return { running: true, call: caller(send), close: () => client.close() }
}

async function onStore(config: Config): Promise<AdminClient> {
  const store = await openStore(config)
  const transport = () => Promise.reject(new TypeError('no calls to WeChat from here'))
  const log = pinoLog('silent')
  const { localAdminApp } = await compose(config, { store, transport, clock: systemClock, log }).catch(
    async (error) => {
      await store.upkeep.close()
      throw error
    },
  )
  const send: Send = async (method, target, body) => {
    const headers = { 'content-type': 'application/json' }
    const reply = await localAdminApp.request(`/admin/v1/${target}`, {
      method,
      ...(body === undefined ? {} : { headers, body }),
    })
    return { status: reply.status, text: await reply.text() }
  }
  return { running: false, call: caller(send), close: () => store.upkeep.close() }
}

type Send = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: string,
) => Promise<{ status: number; text: string }>

const caller =
  (send: Send): AdminClient['call'] =>
  async (method, path, body) => {
    const { status, text } = await send(method, path, body && JSON.stringify(body))
    const parsed = text === '' ? undefined : JSON.parse(text)
    if (status >= 400) throw new AdminProblem(parsed)
    return parsed
  }
