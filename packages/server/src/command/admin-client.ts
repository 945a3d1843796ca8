import { existsSync } from 'node:fs'
import type { Problem } from '@hufu/contract'
import { pinoLog } from '../adapters/pino-log.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { compose } from '../compose.ts'
import type { Config } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { openExistingStore } from '../runtime/open-store.ts'
import { socketPath } from '../runtime/start-server.ts'
import { openWayToWeChat } from '../runtime/way-to-wechat.ts'

/** The admin API, wherever it is: a running server's socket, or the store itself when no server runs. */
export interface AdminClient {
  /** @throws {ProblemError} when the answer is a problem. */
  call<T = unknown>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
  /** Which database it works on, for people to read. */
  database: string
  /** Whether a running server answers. */
  running: boolean
  close(): Promise<void>
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
  return {
    running: true,
    database: `of the server that listens on ${path} · 运行中服务的数据库`,
    call: caller(send),
    close: () => client.close(),
  }
}

async function onStore(config: Config): Promise<AdminClient> {
  const store = await openExistingStore(config)
  const transport = openWayToWeChat(config)
  const close = async (): Promise<void> => {
    await transport.close()
    await store.upkeep.close()
  }
  const log = pinoLog('silent')
  const { localAdminApp } = await compose(config, { store, transport, clock: systemClock, log }).catch(
    async (error) => {
      await close()
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
  return {
    running: false,
    database: databaseName(config.database),
    call: caller(send),
    close,
  }
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
    if (status >= 400) throw problemOf(parsed)
    return parsed
  }

/** The server refused; the message is its own. */
const problemOf = ({ code, detail, retryAfter }: Problem): ProblemError =>
  new ProblemError(code, detail, retryAfter === undefined ? {} : { retryAfter })
