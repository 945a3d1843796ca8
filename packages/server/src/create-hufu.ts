import type { Transport } from '@hufu/wechat'
import { pinoLog } from './adapters/pino-log.ts'
import { systemClock } from './adapters/system-clock.ts'
import { wechatTransport } from './adapters/wechat/transport.ts'
import { compose, type Service } from './compose.ts'
import { ConfigError } from './config/config.ts'
import { inOptions, readOptions } from './config/read-options.ts'
import { isUserId, newId, type UserId } from './domain/ids.ts'
import { refuseNonce } from './domain/login-code.ts'
import { ProblemError } from './domain/problem-error.ts'
import { addressBlock } from './http/client-address.ts'
import { meReply } from './http/user-routes.ts'
import type { Hufu } from './hufu.ts'
import type { HufuApp, HufuOptions } from './hufu-options.ts'
import { startBackground } from './runtime/background.ts'
import { peerOf } from './runtime/listen.ts'
import { openStore } from './runtime/open-store.ts'
import { authenticate } from './usecases/authenticate.ts'
import { logIn } from './usecases/log-in.ts'
import { putApp } from './usecases/manage-setup.ts'
import { blockUser, endUserSessions, unblockUser } from './usecases/manage-users.ts'
import { refreshSession } from './usecases/refresh-session.ts'

/**
 * Starts Hufu as a library, for Node 24: mounts in Hono, Express, Koa or Fastify.
 *
 * @throws {ConfigError} naming every option that is wrong
 * @throws {ProblemError} `server_misconfigured` when the database does not open, or is of another mode or master key
 */
export async function createHufu(options: HufuOptions): Promise<Hufu> {
  const config = readOptions(options)
  const log = pinoLog(config.logLevel)
  const store = await openStore(config).catch(refuseInOptions)
  const transport: Transport & { close(): Promise<void> } = wechatTransport(
    config.wechatBaseUrl === undefined ? {} : { baseUrl: config.wechatBaseUrl },
  )
  const clock = systemClock
  const { onEvent, addressOf = peerOf } = options
  const close = async (): Promise<void> => {
    await transport.close()
    await store.upkeep.close()
  }
  try {
    const adapters = { store, transport, clock, log, peerOf: addressOf, onEvent }
    const service = await compose(config, adapters).catch(refuseInOptions)
    for (const [at, app] of (options.apps ?? []).entries()) await put(service, app, at)
    const stopBackground = startBackground({ store, directory: service.directory, clock, log, onEvent })
    return {
      ...methodsOf(service),
      async close() {
        await stopBackground()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** @throws {ConfigError} in the names of the options */
async function put({ deps }: Service, app: HufuApp, at: number): Promise<void> {
  try {
    await putApp(deps, { ...app, requestId: 'start' })
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code === 'server_misconfigured') throw error
    throw new ConfigError(`apps[${at}]: ${error.message}`)
  }
}

/** What a database says against its settings, said of the options that made them. */
function refuseInOptions(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error
  const cause = error.cause instanceof Error ? { cause: error.cause } : {}
  throw new ProblemError(error.code, inOptions(error.message), cause)
}

function methodsOf({ deps, app }: Service): Omit<Hufu, 'close'> {
  const requestId = (): string => newId('req', deps.clock.now())
  return {
    fetch: async (request, env) => app.fetch(request, env),
    async logIn({ appId, code, nonce, clientAddress }) {
      refuseOther({ appId, code })
      refuseNonce(nonce)
      const block = clientAddress === undefined ? undefined : readAddress(clientAddress)
      deps.limit.take(block)
      return (await logIn(deps, { appId, code, nonce, requestId: requestId(), clientAddress: block })).signedIn
    },
    async refresh(refreshToken) {
      refuseOther({ refreshToken })
      return refreshSession(deps, { refreshToken, requestId: requestId() })
    },
    authenticate: (accessToken) => authenticate(deps, accessToken),
    async user(userId) {
      const found = await deps.users.find(readUserId(userId))
      return found && meReply(found)
    },
    async blockUser(userId) {
      await blockUser(deps, { id: readUserId(userId), requestId: requestId() })
    },
    async unblockUser(userId) {
      await unblockUser(deps, { id: readUserId(userId), requestId: requestId() })
    },
    async endSessions(userId) {
      return (await endUserSessions(deps, { id: readUserId(userId), requestId: requestId() })).ended
    },
  }
}

/** Callers without types may hand over anything. @throws {ProblemError} `invalid_request` */
function refuseOther(texts: Record<string, unknown>): void {
  const wrong = Object.keys(texts).filter((name) => typeof texts[name] !== 'string')
  if (wrong.length > 0) throw new ProblemError('invalid_request', `Expected text: ${wrong.join(', ')}.`)
}

function readUserId(raw: string): UserId {
  if (typeof raw === 'string' && isUserId(raw)) return raw
  throw new ProblemError('invalid_request', 'Wrong: user id (usr_ and 26 characters).')
}

function readAddress(raw: string): string {
  const block = typeof raw === 'string' ? addressBlock(raw) : undefined
  if (block !== undefined) return block
  throw new ProblemError('invalid_request', 'Wrong: clientAddress (an IPv4 or IPv6 address).')
}
