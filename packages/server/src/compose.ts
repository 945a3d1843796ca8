import { createCall, type Transport } from '@hufu/wechat'
import { openDirectory, resealAppSecret, sealAppSecret } from './adapters/directory.ts'
import { foldRepeats } from './adapters/folding-log.ts'
import { joseAssertions } from './adapters/jose-assertions.ts'
import { newSealedKey, resealKey } from './adapters/tokens/keyring.ts'
import { keyedTokens } from './adapters/tokens/tokens.ts'
import { keyCheck, sealingVault } from './adapters/vault.ts'
import { wechatApi } from './adapters/wechat/wechat-api.ts'
import type { Config } from './config/config.ts'
import { type Act, newAct, SYSTEM } from './domain/act.ts'
import { LIFETIMES } from './domain/session.ts'
import { addressLimit } from './http/address-limit.ts'
import { type AdminRouteDeps, adminRoutes } from './http/admin-routes.ts'
import { admitByToken, admitEverybody, refuseOperators } from './http/admit-operator.ts'
import { type AppDeps, createApp } from './http/app.ts'
import { clientAddress, forwardedChain } from './http/client-address.ts'
import { assertionLoginRoute, cloudRunLoginRoute } from './http/cloud-login-routes.ts'
import { listedOrigins, noCors } from './http/cors.ts'
import { loginLimit } from './http/login-limit.ts'
import { proxyWarning } from './http/proxy-warning.ts'
import { codeLoginRoute, type SessionRouteDeps, sessionRoutes } from './http/session-routes.ts'
import { userRoutes } from './http/user-routes.ts'
import { wellKnownRoutes } from './http/well-known-routes.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { Store } from './ports/store.ts'
import { authenticate } from './usecases/authenticate.ts'
import { blockUser } from './usecases/block-user.ts'
import { codeMemory } from './usecases/code-memory.ts'
import type { OnEvent } from './usecases/deliver-events.ts'
import { endUserSessions } from './usecases/end-user-sessions.ts'
import type { LogInByAssertionDeps } from './usecases/log-in-by-assertion.ts'
import { type LogInByCodeInput, logInByCode } from './usecases/log-in-by-code.ts'
import type { LoginEvent } from './usecases/login-result.ts'
import { prepareDatabase } from './usecases/prepare-database.ts'
import { type PutAppInput, putApp } from './usecases/put-app.ts'
import { type RefreshInput, refreshSession } from './usecases/refresh-session.ts'
import { repeatMemory } from './usecases/repeat-memory.ts'
import { unblockUser } from './usecases/unblock-user.ts'
import { writeHealth } from './usecases/write-health.ts'

export type ServiceConfig = Pick<
  Config,
  | 'mode'
  | 'masterKeys'
  | 'admin'
  | 'host'
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
  /** Hears of every login by the routes, not of one by the `logInByCode` below. */
  onLogin?: ((event: LoginEvent) => void) | undefined
  /** How to wait between two tries at WeChat, in milliseconds; timers by default. */
  pause?: (ms: number) => Promise<void>
}

export type Service = Awaited<ReturnType<typeof compose>>

/** Puts the parts together: adapters into use cases, use cases behind HTTP. */
export async function compose(config: ServiceConfig, adapters: Adapters) {
  const { store, clock } = adapters
  const log = foldRepeats(adapters.log, clock)
  const development = config.mode === 'development'
  const vault = sealingVault(config.masterKeys)
  await prepareDatabase(
    {
      registry: store.registry,
      keeper: {
        check: keyCheck(config.masterKeys.current),
        previousCheck: config.masterKeys.previous && keyCheck(config.masterKeys.previous),
        newKey: (purpose, algorithm) => newSealedKey(vault, purpose, algorithm),
        isStale: (sealed) => vault.isStale(Buffer.from(sealed, 'base64url')),
        resealKey: (key) => resealKey(vault, key),
        resealAppSecret: (app) => resealAppSecret(vault, app),
      },
    },
    {
      act: newAct(SYSTEM, clock.now(), 'start'),
      mode: config.mode,
      algorithm: config.signingAlgorithm,
      audience: config.audience,
    },
  )
  const directory = await openDirectory(store.registry, vault)
  const tokens = keyedTokens(directory.keys, {
    issuer: config.issuer,
    // Where another process, with another configuration, adds a realm, the fixed audience stays that of the first.
    audience: (realm) =>
      (realm === directory.realms()[0]?.id ? config.audience : undefined) ?? `${config.issuer}/realms/${realm}`,
    life: LIFETIMES.access / 1000,
    test: development,
    algorithm: config.signingAlgorithm,
  })
  const { pause } = adapters
  const wechat = wechatApi({ call: createCall(adapters.transport), clock, log, ...(pause ? { pause } : {}) })

  const { origin, pathname, hostname } = new URL(config.issuer)
  const addressesTold = development || config.trustedProxies !== undefined || config.loginLimit === 0
  const warnOfProxy = proxyWarning({ expected: addressesTold, log })
  const writes = writeHealth({ upkeep: store.upkeep, clock })
  const deps: SessionRouteDeps & LogInByAssertionDeps & AdminRouteDeps & AppDeps = {
    ...store,
    logins: { ...store.logins, commit: (facts) => writes.watch(store.logins.commit(facts)) },
    writes,
    directory,
    tokens,
    vault,
    wechat,
    clock,
    log,
    development,
    lifetimes: LIFETIMES,
    codes: codeMemory(clock),
    repeats: repeatMemory(),
    limit: addressLimit(config.loginLimit, { clock, log }),
    assertions: joseAssertions({ directory, issuer: config.issuer, log }),
    // Zero for the addresses switches every limiter off.
    keyLimit: loginLimit(config.loginLimit === 0 ? 0 : config.cloudKeyLimit, clock),
    exposeWeChatIds: config.exposeWeChatIds,
    fixedAudience: config.audience,
    onLogin: adapters.onLogin,
    sealAppSecret: (appId, secret) => sealAppSecret(vault, appId, secret),
    clientAddressOf(request, env) {
      const peer = adapters.peerOf?.(request, env)
      if (peer !== undefined) warnOfProxy(peer)
      return clientAddress(peer, forwardedChain(request.headers), config.trustedProxies)
    },
    admitOperator: refuseOperators,
    ownHosts: [hostname, config.host],
    cors: noCors,
    basePath: '',
  }
  const admin = adminRoutes(deps)
  const common = [
    ...sessionRoutes(deps),
    ...userRoutes(deps),
    ...wellKnownRoutes({ tokens, writes }),
    assertionLoginRoute(deps),
  ]
  const basePath = pathname === '/' ? '' : pathname
  const cors = listedOrigins({ directory, own: origin, log })
  return {
    /** The public listener. */
    app: createApp({ ...deps, basePath, cors }, [codeLoginRoute(deps), ...common]),
    /** The listener behind WeChat's gateway, where there is one: there a login needs no code. */
    gatewayApp:
      config.cloudRun &&
      createApp({ ...deps, basePath, clientAddressOf: () => undefined }, [
        cloudRunLoginRoute(deps, config.cloudRun.rules),
        ...common,
      ]),
    /** The admin listener: a bearer token opens it. */
    adminApp: createApp({ ...deps, admitOperator: admitByToken(config.admin.token) }, admin),
    /** The same for whoever holds the data folder: the socket in it, or the command on the store itself. */
    localAdminApp: createApp({ ...deps, admitOperator: admitEverybody }, admin),
    directory,
    tokens,
    onEvent: adapters.onEvent,
    log,
    /** The use cases that an application around this one calls by itself. */
    /** @throws {ProblemError} `rate_limited` when this address block logs in too often */
    countLogin: (clientAddress: string | undefined) => deps.limit.take(clientAddress),
    logInByCode: (input: LogInByCodeInput) => logInByCode(deps, input),
    refreshSession: (input: RefreshInput) => refreshSession(deps, input),
    authenticate: (accessToken: string) => authenticate(deps, accessToken),
    putApp: (input: PutAppInput) => putApp(deps, input),
    blockUser: (input: { act: Act; id: string }) => blockUser(deps, input),
    unblockUser: (input: { act: Act; id: string }) => unblockUser(deps, input),
    endUserSessions: (input: { act: Act; id: string }) => endUserSessions(deps, input),
  }
}
