import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Transport } from '@hufu/wechat'
import { privateFolder } from '../adapters/private-files.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { wechatTransport } from '../adapters/wechat/transport.ts'
import { type Adapters, compose, type Service } from '../compose.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../ports/log.ts'
import { startBackground } from './background.ts'
import { type Listening, listen, peerOf } from './listen.ts'
import { openStore } from './open-store.ts'

export interface ServerOptions {
  log: Log
  /** Stands in for the connection to WeChat. */
  transport?: Transport & { close(): Promise<void> }
  onLogin?: Adapters['onLogin']
}

export interface RunningServer {
  service: Service
  /** `http://host:port` of the public listener. */
  address: string
  /** Of the listener behind WeChat's gateway, where there is one. */
  gatewayAddress: string | undefined
  /** Of the admin listener, where there is one. */
  adminAddress: string | undefined
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>
}

/** Node allows no longer path for a Unix socket. */
const LONGEST_SOCKET_PATH = 100
const DRAIN_MS = 10_000

/** Starts the whole service: store, listeners, chores. */
export async function startServer(config: Config, { log, onLogin, ...given }: ServerOptions): Promise<RunningServer> {
  privateFolder(config.dataDir)
  const store = await openStore(config)
  const transport =
    given.transport ?? wechatTransport(config.wechatBaseUrl === undefined ? {} : { baseUrl: config.wechatBaseUrl })
  const clock = systemClock
  const listening: Listening[] = []
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(listening.map((one) => one.close(DRAIN_MS)))
    for (const one of stops) await one()
    await transport.close()
    await store.upkeep.close()
  }
  try {
    const service = await compose(config, { store, transport, clock, log, peerOf, onLogin })
    const open = await listen(service.app.fetch, config)
    listening.push(open)
    const gateway = await listenForGateway(config, service)
    if (gateway) listening.push(gateway)
    const admin = await listenForOperators(config, service, log)
    if (admin) listening.push(admin)
    const socket = await listenOnSocket(config, service, log)
    if (socket) listening.push(socket)
    stops.push(startBackground({ ...config, ...service, store, clock }))
    return {
      service,
      address: open.address,
      gatewayAddress: gateway?.address,
      adminAddress: admin?.address,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Where the gateway comes from outside the container. */
async function listenForGateway({ cloudRun }: Config, { gatewayApp }: Service): Promise<Listening | undefined> {
  return cloudRun && gatewayApp && listen(gatewayApp.fetch, cloudRun)
}

async function listenForOperators(config: Config, service: Service, log: Log): Promise<Listening | undefined> {
  if (config.admin.token === undefined) return undefined
  try {
    return await listen(service.adminApp.fetch, config.admin)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    log.warn('admin_port_taken', { port: config.admin.port, means: 'another process of Hufu answers operators' })
    return undefined
  }
}

async function listenOnSocket(config: Config, service: Service, log: Log): Promise<Listening | undefined> {
  const path = socketPath(config)
  if (path.length > LONGEST_SOCKET_PATH || process.platform === 'win32') {
    log.warn('no_socket', { means: 'the path of the data folder is too long for a socket; use the admin listener' })
    return undefined
  }
  rmSync(path, { force: true })
  const before = process.umask(0o177)
  try {
    const socket = await listen(service.localAdminApp.fetch, { path })
    chmodSync(path, 0o600)
    return socket
  } finally {
    process.umask(before)
  }
}

/** Whoever may read the data folder may speak here without a token. */
export const socketPath = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'hufu.sock')
