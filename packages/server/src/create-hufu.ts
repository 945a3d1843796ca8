import type { Transport } from '@hufu/wechat'
import { pinoLog } from './adapters/pino-log.ts'
import { systemClock } from './adapters/system-clock.ts'
import { wechatTransport } from './adapters/wechat/transport.ts'
import { compose, type Service } from './compose.ts'
import { ConfigError } from './config/config.ts'
import { inOptions, readOptions } from './config/read-options.ts'
import { ANYBODY, newAct, OPERATOR } from './domain/act.ts'
import { isUserId, type UserId } from './domain/ids.ts'
import { refuseNonce } from './domain/login-code.ts'
import { ProblemError } from './domain/problem-error.ts'
import { addressBlock } from './http/client-address.ts'
import { wholeUser } from './http/user-routes.ts'
import type { Hufu } from './hufu.ts'
import type { HufuApp, HufuOptions } from './hufu-options.ts'
import type { Clock } from './ports/clock.ts'
import type { Store } from './ports/store.ts'
import { startBackground } from './runtime/background.ts'
import { peerOf } from './runtime/listen.ts'
import { openStore } from './runtime/open-store.ts'

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
    for (const [at, app] of (options.apps ?? []).entries()) await put(service, clock, app, at)
    const stopBackground = startBackground({ ...config, ...service, store, clock })
    return {
      ...methodsOf(service, store, clock),
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
async function put(service: Service, clock: Clock, app: HufuApp, at: number): Promise<void> {
  try {
    await service.putApp({ ...app, act: newAct(OPERATOR, clock.now(), 'start') })
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

function methodsOf(service: Service, { users }: Store, clock: Clock): Omit<Hufu, 'close'> {
  const actOf = (actor: string) => newAct(actor, clock.now())
  return {
    fetch: async (request, env) => service.app.fetch(request, env),
    async logIn({ appId, code, nonce, clientAddress }) {
      refuseOther({ appId, code })
      refuseNonce(nonce)
      const block = clientAddress === undefined ? undefined : readAddress(clientAddress)
      service.countLogin(block)
      const login = await service.logInByCode({ act: actOf(ANYBODY), appId, code, nonce, clientAddress: block })
      return login.signedIn
    },
    async refresh(refreshToken) {
      refuseOther({ refreshToken })
      return service.refreshSession({ act: actOf(ANYBODY), refreshToken, clientAddress: undefined })
    },
    authenticate: service.authenticate,
    async user(userId) {
      const found = await users.find(readUserId(userId))
      return found && wholeUser(found)
    },
    async blockUser(userId) {
      await service.blockUser({ act: actOf(OPERATOR), id: readUserId(userId) })
    },
    async unblockUser(userId) {
      await service.unblockUser({ act: actOf(OPERATOR), id: readUserId(userId) })
    },
    async endSessions(userId) {
      return (await service.endUserSessions({ act: actOf(OPERATOR), id: readUserId(userId) })).ended
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
