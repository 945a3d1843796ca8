import { createHash, timingSafeEqual } from 'node:crypto'
import { createCall, type Transport } from '@hufu/wechat'
import { openDirectory, resealAppSecret, sealAppSecret } from './adapters/directory.ts'
import { joseAssertions } from './adapters/jose-assertions.ts'
import { newSealedKey, resealKey } from './adapters/tokens/keyring.ts'
import { keyedTokens } from './adapters/tokens/tokens.ts'
import { keyCheck, sealingVault } from './adapters/vault.ts'
import { wechatApi } from './adapters/wechat/wechat-api.ts'
import type { Config } from './config/config.ts'
import { ProblemError } from './domain/problem-error.ts'
import { LIFETIMES } from './domain/session.ts'
import { type AdminRouteDeps, adminRoutes } from './http/admin-routes.ts'
import { type AppDeps, bearer, createApp } from './http/app.ts'
import { clientAddress, isPrivate } from './http/client-address.ts'
import { assertionRoutes, gatewayRoutes } from './http/cloud-login-routes.ts'
import { loginLimit } from './http/login-limit.ts'
import { type SessionRouteDeps, sessionRoutes } from './http/session-routes.ts'
import { userRoutes } from './http/user-routes.ts'
import { wellKnownRoutes } from './http/well-known-routes.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { Store } from './ports/store.ts'
import type { CloudLogInDeps } from './usecases/cloud-log-in.ts'
import { codeMemory } from './usecases/code-memory.ts'
import { prepareDatabase } from './usecases/prepare-database.ts'
import type { LoginEvent } from './usecases/signed-in.ts'
import type { OnEvent } from './usecases/sweep.ts'

export type ServiceConfig = Pick<
  Config,
  | 'mode'
  | 'masterKeys'
  | 'admin'
  | 'issuer'
  | 'audience'
  | 'signingAlgorithm'
  | 'trustedProxies'
  | 'loginLimit'
  | 'exposeWeChatIds'
  | 'cloudKeyLimit'
  | 'cloudRun'
>

export interface Adapters {
  store: Store
  transport: Transport
  clock: Clock
  log: Log
  /** Address of the peer of a request's connection, where the listener knows it. */
  peerOf?: (request: Request, env: unknown) => string | undefined
  onEvent?: OnEvent | undefined
  onLogin?: ((login: LoginEvent) => void) | undefined
  /** How to wait between two tries at WeChat, in milliseconds; timers by default. */
  pause?: (ms: number) => Promise<void>
}

export type Service = Awaited<ReturnType<typeof compose>>

/** Puts the parts together: adapters into use cases, use cases behind HTTP. */
export async function compose(config: ServiceConfig, surroundings: Adapters) {
  const { store, clock, log } = surroundings
  const development = config.mode === 'development'
  const vault = sealingVault(config.masterKeys)
  await prepareDatabase(
    {
      registry: store.registry,
      clock,
      keeper: {
        check: keyCheck(config.masterKeys.current),
        previousCheck: config.masterKeys.previous && keyCheck(config.masterKeys.previous),
        newKey: (purpose, algorithm) => newSealedKey(vault, purpose, algorithm),
        isStale: (sealed) => vault.isStale(Buffer.from(sealed, 'base64url')),
        resealKey: (key) => resealKey(vault, key),
        resealAppSecret: (app) => resealAppSecret(vault, app),
      },
    },
    { mode: config.mode, algorithm: config.signingAlgorithm },
  )
  const directory = await openDirectory(store.registry, vault)
  const tokens = keyedTokens(directory.keys, {
    issuer: config.issuer,
    audience: (realm) => config.audience ?? `${config.issuer}/realms/${realm}`,
    life: LIFETIMES.access / 1000,
    test: development,
    algorithm: config.signingAlgorithm,
  })
  const { pause } = surroundings
  const wechat = wechatApi({ call: createCall(surroundings.transport), clock, log, ...(pause ? { pause } : {}) })

  const warnOfProxy = proxyWarning(config, log)
  const deps: SessionRouteDeps & CloudLogInDeps & AdminRouteDeps & AppDeps = {
    ...store,
    directory,
    tokens,
    vault,
    wechat,
    clock,
    log,
    development,
    lifetimes: LIFETIMES,
    codes: codeMemory(clock),
    limit: loginLimit(config.loginLimit, clock),
    assertions: joseAssertions({ directory, issuer: config.issuer, log }),
    // Zero for the addresses switches every limiter off.
    keyLimit: loginLimit(config.loginLimit === 0 ? 0 : config.cloudKeyLimit, clock),
    exposeWeChatIds: config.exposeWeChatIds,
    onLogin: surroundings.onLogin,
    sealAppSecret: (appId, secret) => sealAppSecret(vault, appId, secret),
    clientAddressOf(request, env) {
      const peer = surroundings.peerOf?.(request, env)
      if (peer !== undefined) warnOfProxy(peer)
      return clientAddress(peer, request.headers.get('x-forwarded-for'), config.trustedProxies)
    },
    admitOperator: refuseOperators,
  }
  const admin = adminRoutes(deps)
  const codeLogin = sessionRoutes(deps)
  const common = [...userRoutes(deps), ...wellKnownRoutes({ tokens, upkeep: store.upkeep }), ...assertionRoutes(deps)]
  return {
    deps,
    directory,
    /** The public listener. */
    app: createApp(deps, [...codeLogin, ...common]),
    /** The listener behind WeChat's gateway, where there is one: there a login needs no code. */
    gatewayApp:
      config.cloudRun &&
      createApp({ ...deps, clientAddressOf: () => undefined }, [
        ...gatewayRoutes(deps, config.cloudRun.rules),
        ...codeLogin.filter(({ path }) => path !== '/v1/login'),
        ...common,
      ]),
    /** The admin listener: a bearer token opens it. */
    adminApp: createApp({ ...deps, admitOperator: admitBearer(config.admin.token) }, admin),
    /** The same for whoever holds the data folder: the socket in it, or the command on the store itself. */
    localAdminApp: createApp({ ...deps, admitOperator: () => undefined }, admin),
    onEvent: surroundings.onEvent,
  }
}

/** Says once, and loudly, that addresses cannot be told apart. */
function proxyWarning(config: ServiceConfig, log: Log): (peer: string) => void {
  let warned = config.mode === 'development' || config.trustedProxies !== undefined || config.loginLimit === 0
  return (peer) => {
    if (warned || !isPrivate(peer)) return
    warned = true
    log.warn('login_limit_off', {
      why: 'requests come from a private address: a proxy that HUFU_TRUSTED_PROXIES does not name hides the clients, so logins are not limited by address',
    })
  }
}

function refuseOperators(): never {
  throw new ProblemError('forbidden', 'Operators have a listener of their own.')
}

/** Compared as digests, so that neither length nor content shows in the time it takes. */
function admitBearer(token: string | undefined): (request: Request) => void {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  const expected = token === undefined ? undefined : digest(token)
  return (request) => {
    if (expected && timingSafeEqual(digest(bearer(request)), expected)) return
    throw new ProblemError('token_invalid', 'This is not the token of the admin listener.')
  }
}
