import type { Me } from '@hufu/contract'
import type { Transport } from '@hufu/wechat'
import { type LogLevel, pinoLog } from './adapters/pino-log.ts'
import { systemClock } from './adapters/system-clock.ts'
import { wechatTransport } from './adapters/wechat/transport.ts'
import { compose } from './compose.ts'
import { type Environment, readConfig } from './config.ts'
import { ANYBODY, newAct, OPERATOR } from './domain/act.ts'
import type { AppKind } from './domain/app.ts'
import type { UserId } from './domain/ids.ts'
import { meReply } from './http/user-routes.ts'
import { startBackground } from './runtime/background.ts'
import { peerOf } from './runtime/listen.ts'
import { openStore } from './runtime/open-store.ts'
import type { Person } from './usecases/authenticate.ts'
import type { OnEvent } from './usecases/deliver-events.ts'
import type { SignedIn } from './usecases/signed-in.ts'

/** An app whose users log in. Added to the database when it is not there; its secret is kept up to date. */
export interface HufuApp {
  appId: string
  /** The AppSecret, from wherever the application keeps its secrets. */
  secret: string
  /** `miniprogram` if absent. */
  kind?: AppKind
  /** `default` if absent. */
  realm?: string
  name?: string
  origins?: string[]
}

export interface HufuOptions {
  /** `production` if absent. */
  mode?: 'production' | 'development'
  /** `file:…` (SQLite) or `postgres://…`; `file:./data/hufu.db` if absent. */
  database?: string
  /** 32 bytes in base64, as `hufu key make` prints them. */
  masterKey: string
  previousMasterKey?: string
  /** The public https address that tokens name as their issuer. */
  issuer: string
  audience?: string
  apps?: HufuApp[]
  /** Logins per minute and address block; 0 turns the limit off. */
  loginLimit?: number
  exposeWeChatIds?: boolean
  /** Number of proxies in front, or CIDRs joined by commas. */
  trustedProxies?: string
  logLevel?: LogLevel
  /** Development only: another WeChat, such as the simulator. */
  wechatBaseUrl?: string
  /** Hears of users created, unified, split, blocked and deleted: at least once each, in order. */
  onEvent?: OnEvent
  /** The peer's address of a request, where the application knows it; Node servers of Hono tell by themselves. */
  addressOf?: (request: Request) => string | undefined
}

/** Hufu inside an application: the same routes, and the use cases as methods. */
export interface Hufu {
  /** Answers `/v1/…`, `/.well-known/…`, `/healthz` and `/readyz`. */
  fetch(request: Request, env?: unknown): Promise<Response>
  /** Turns a code into a session. @throws {ProblemError} as `POST /v1/login` refuses */
  logIn(input: { appId: string; code: string; nonce?: string }): Promise<SignedIn>
  /** The next tokens of a session. @throws {ProblemError} as `POST /v1/refresh` refuses */
  refresh(refreshToken: string): Promise<SignedIn>
  /** Whose access token this is, if the session still lives. @throws {ProblemError} `token_invalid`, `token_expired`, `user_blocked` */
  authenticate(accessToken: string): Promise<Person>
  /** A user with their identities, by our id; a former id answers with the survivor. */
  user(id: string): Promise<Me | undefined>
  blockUser(id: string): Promise<void>
  unblockUser(id: string): Promise<void>
  /** Ends every session of a user and says how many there were. */
  endSessions(id: string): Promise<number>
  /** Finishes what is under way and closes the database. */
  close(): Promise<void>
}

/**
 * Starts Hufu as a library, for Node 24: mounts in Hono, Express, Koa or Fastify.
 *
 * @throws {ConfigError} naming every option that is wrong; {ProblemError} when the database does not open.
 */
export async function createHufu(options: HufuOptions): Promise<Hufu> {
  const config = readConfig(environmentOf(options))
  const log = pinoLog(config.logLevel)
  const store = await openStore(config)
  const transport: Transport & { close(): Promise<void> } = wechatTransport(
    config.wechatBaseUrl === undefined ? {} : { baseUrl: config.wechatBaseUrl },
  )
  const clock = systemClock
  const addressOf = options.addressOf ?? peerOf
  try {
    const service = await compose(config, { store, transport, clock, log, peerOf: addressOf, onEvent: options.onEvent })
    const actBy = (actor: string) => newAct(actor, clock.now())
    for (const one of options.apps ?? []) {
      await service.putApp({ ...one, act: newAct(OPERATOR, clock.now(), 'start') })
    }
    const stopBackground = startBackground({
      store,
      directory: service.directory,
      clock,
      log,
      onEvent: options.onEvent,
    })
    return {
      fetch: async (request, env) => service.app.fetch(request, env),
      logIn: ({ appId, code, nonce }) =>
        service.logIn({ act: actBy(ANYBODY), appId, code, nonce, clientAddress: undefined }),
      refresh: (refreshToken) => service.refreshSession({ act: actBy(ANYBODY), refreshToken }),
      authenticate: service.authenticate,
      async user(id) {
        const found = await store.users.find(id as UserId)
        return found && meReply(found)
      },
      async blockUser(id) {
        await service.blockUser({ act: actBy(OPERATOR), id })
      },
      async unblockUser(id) {
        await service.unblockUser({ act: actBy(OPERATOR), id })
      },
      endSessions: async (id) => (await service.endUserSessions({ act: actBy(OPERATOR), id })).ended,
      async close() {
        await stopBackground()
        await transport.close()
        await store.upkeep.close()
      },
    }
  } catch (error) {
    await transport.close()
    await store.upkeep.close()
    throw error
  }
}

/** Options are checked as the same settings are in the environment. */
function environmentOf(options: HufuOptions): Environment {
  const { mode, database, exposeWeChatIds, loginLimit } = options
  return {
    HUFU_MODE: mode,
    HUFU_DATABASE_URL: database,
    HUFU_MASTER_KEY: options.masterKey,
    HUFU_MASTER_KEY_PREVIOUS: options.previousMasterKey,
    HUFU_ISSUER: options.issuer,
    HUFU_AUDIENCE: options.audience,
    HUFU_LOGIN_LIMIT: loginLimit === undefined ? undefined : String(loginLimit),
    HUFU_EXPOSE_WECHAT_IDS: exposeWeChatIds === undefined ? undefined : String(exposeWeChatIds),
    HUFU_TRUSTED_PROXIES: options.trustedProxies,
    HUFU_LOG_LEVEL: options.logLevel,
    HUFU_WECHAT_BASE_URL: options.wechatBaseUrl,
  }
}
