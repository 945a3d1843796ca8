import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoginReply } from '@hufu/contract'
import { createSimulator, demoWorld } from '@hufu/simulator'
import { pinoLog } from '../../packages/server/src/adapters/pino-log.ts'
import { openSqliteStore } from '../../packages/server/src/adapters/sqlite/store.ts'
import { wechatTransport } from '../../packages/server/src/adapters/wechat/transport.ts'
import { compose, type Service } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { listen, peerOf } from '../../packages/server/src/runtime/listen.ts'

/** The two mini programs of the one owner that `npm start` brings along. */
export const [shop, club] = demoWorld.apps

export type Hufu = Awaited<ReturnType<typeof startHufu>>

/**
 * A development server and the WeChat it talks to, over real sockets on free ports: what `npm start` brings up, with a
 * clock that a test can move.
 */
export async function startHufu() {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  const simulator = createSimulator({ seed: 'runtime', now: clock.now, devCodes: true, callsPerMinute: 0 })
  for (const app of demoWorld.apps) simulator.addApp(app)
  for (const person of demoWorld.people) simulator.addPerson(person)
  const wechat = await simulator.listen()

  const store = await openSqliteStore(join(folder, 'hufu.db'), { synchronous: 'OFF' })
  const transport = wechatTransport({ baseUrl: wechat.url })
  const adminToken = randomBytes(24).toString('base64url')
  let service: Service | undefined
  const place = { host: '127.0.0.1', port: 0 }
  // The address comes first: tokens name it as their issuer.
  const open = await listen((request, env) => ready(service).app.fetch(request, env), place)
  const operators = await listen((request, env) => ready(service).adminApp.fetch(request, env), place)
  const config = readConfig({
    HUFU_MODE: 'development',
    HUFU_MASTER_KEY: randomBytes(32).toString('base64'),
    HUFU_ADMIN_TOKEN: adminToken,
    HUFU_ISSUER: open.address,
  })
  service = await compose(config, { store, transport, clock, log: pinoLog('silent'), peerOf })

  const hufu = {
    url: open.address,
    audience: `${open.address}/realms/default`,
    simulator,
    simulatorUrl: wechat.url,
    /** What everybody but the phones takes for the time. */
    now: () => new Date(clock.now()),
    advance(seconds: number) {
      ahead += seconds * 1000
    },
    /** What an operator does. @throws when it is refused */
    async admin<Answer>(method: string, path: string, body?: object): Promise<Answer> {
      const reply = await fetch(`${operators.address}/admin/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      const text = await reply.text()
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
      return JSON.parse(text || 'null')
    },
    /** Logs in as the SDK would, without it. */
    async logIn({ appId }: { appId: string }, person: string): Promise<LoginReply> {
      const reply = await fetch(`${open.address}/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ appId, code: simulator.login(appId, person) }),
      })
      if (!reply.ok) throw new Error(`the login was refused: ${await reply.text()}`)
      return (await reply.json()) as LoginReply
    },
    async stop() {
      await Promise.all([open.close(0), operators.close(0)])
      await transport.close()
      await store.upkeep.close()
      await wechat.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const { appId, kind, secret } of demoWorld.apps) await hufu.admin('POST', 'apps', { appId, kind, secret })
  return hufu
}

function ready(service: Service | undefined): Service {
  if (!service) throw new Error('the server is still starting')
  return service
}
