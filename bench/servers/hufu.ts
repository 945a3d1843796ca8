import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { join } from 'node:path'
import { APP_ID, APP_SECRET, OTHER_APP_ID } from '../world/people.ts'
import { freePort, Program } from './program.ts'

export interface HufuOptions {
  /** The `hufu` command. */
  command: string
  name?: string
  /** Its data folder. */
  folder: string
  upstream: string
  /** PostgreSQL instead of the file in the data folder. */
  databaseUrl?: string
  /** More of the environment, such as `NODE_OPTIONS`. */
  environment?: Record<string, string>
}

const masterKey = randomBytes(32).toString('base64')
const adminToken = randomBytes(32).toString('base64url')

/**
 * Ours, compiled and laid out as published, as an operator runs it. Only a development server may be told of another WeChat; nothing else differs
 * from production but a `test` claim in the tokens.
 */
export async function startHufu({
  command,
  name = 'hufu',
  folder,
  upstream,
  databaseUrl,
  environment = {},
}: HufuOptions): Promise<Program> {
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  return Program.start({
    name,
    args: [command, 'serve'],
    env: {
      HUFU_MODE: 'development',
      HUFU_ISSUER: 'http://127.0.0.1:8787', // one for all that share a database
      HUFU_DATA_DIR: folder,
      HUFU_MASTER_KEY: masterKey,
      HUFU_ADMIN_TOKEN: adminToken,
      HUFU_HOST: '127.0.0.1',
      HUFU_PORT: url.port,
      HUFU_ADMIN_PORT: String(await freePort()),
      HUFU_LOGIN_LIMIT: '0',
      HUFU_WECHAT_BASE_URL: upstream,
      ...(databaseUrl === undefined ? {} : { HUFU_DATABASE_URL: databaseUrl }),
      ...environment,
    },
    url,
    ready: '/healthz',
  })
}

/** Tells a running server of the two apps that everybody in the bench signs in to. */
export async function addBenchApps(folder: string): Promise<void> {
  for (const appId of [APP_ID, OTHER_APP_ID]) {
    const app = { realm: 'default', appId, kind: 'miniprogram', name: 'bench', secret: APP_SECRET }
    const status = await askLocal(folder, 'POST', '/admin/v1/apps', app)
    if (status !== 201 && status !== 200) throw new Error(`the app could not be added: ${status}`)
  }
}

/** Asks as an operator, by the socket in the data folder. Resolves to the status once the whole answer is there. */
export function askLocal(folder: string, method: string, path: string, body?: object): Promise<number | undefined> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': text.length }
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(folder, 'hufu.sock'), method, path, headers })
    asked.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)))
    asked.on('error', reject)
    asked.end(text)
  })
}
