import { createHash, timingSafeEqual } from 'node:crypto'
import { createCall, type Transport } from '@hufu/wechat'
import { openDirectory, resealAppSecret, sealAppSecret } from './adapters/directory.ts'
import { newSealedKey, resealKey } from './adapters/tokens/keyring.ts'
import { keyedTokens } from './adapters/tokens/tokens.ts'
import { keyCheck, sealingVault } from './adapters/vault.ts'
import { wechatApi } from './adapters/wechat/wechat-api.ts'
import type { Config } from './config.ts'
import { IdentityError } from './domain/errors.ts'
import { LIFETIMES } from './domain/session.ts'
import { type AdminRouteDeps, adminRoutes } from './http/admin-routes.ts'
import { type AppDeps, bearer, createApp } from './http/app.ts'
import { clientAddress } from './http/client-address.ts'
import { loginLimit } from './http/login-limit.ts'
import { type SessionRouteDeps, sessionRoutes } from './http/session-routes.ts'
import { userRoutes } from './http/user-routes.ts'
import { wellKnownRoutes } from './http/well-known-routes.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { Store } from './ports/store.ts'
import { codeMemory } from './usecases/code-memory.ts'
import type { OnEvent } from './usecases/keep-house.ts'
import { prepareDatabase } from './usecases/prepare-database.ts'
import type { SignedIn } from './usecases/signed-in.ts'

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
>

export interface Surroundings {
  store: Store
  transport: Transport
  clock: Clock
  log: Log
  /** Address of the peer of a request's connection, where the listener knows it. */
  peerOf?: (request: Request, env: unknown) => string | undefined
  onEvent?: OnEvent | undefined
  onLogin?: ((login: SignedIn) => void) | undefined
}

export type Service = Awaited<ReturnType<typeof compose>>

/** Puts the parts together: adapters into use cases, use cases behind HTTP. */
export async function compose(config: ServiceConfig, surroundings: Surroundings) {
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
  const wechat = wechatApi({ call: createCall(surroundings.transport), clock, log })

  const deps: SessionRouteDeps & AdminRouteDeps & AppDeps = {
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
    exposeWeChatIds: config.exposeWeChatIds,
    onLogin: surroundings.onLogin,
    sealAppSecret: (appId, secret) => sealAppSecret(vault, appId, secret),
    addressOf(request, env) {
      const peer = surroundings.peerOf?.(request, env)
      return clientAddress(peer, request.headers.get('x-forwarded-for'), config.trustedProxies)
    },
    admitOperator: refuseOperators,
  }
  const admin = adminRoutes(deps)
  return {
    deps,
    directory,
    /** The public listener. */
    app: createApp(deps, [
      ...sessionRoutes(deps),
      ...userRoutes(deps),
      ...wellKnownRoutes({ tokens, upkeep: store.upkeep }),
    ]),
    /** The admin listener: a bearer token opens it. */
    adminApp: createApp({ ...deps, admitOperator: admitBearer(config.admin.token) }, admin),
    /** The same for whoever holds the data folder: the socket in it, or the command on the store itself. */
    localAdminApp: createApp({ ...deps, admitOperator: () => undefined }, admin),
    onEvent: surroundings.onEvent,
  }
}

function refuseOperators(): never {
  throw new IdentityError('forbidden', 'Operators have a listener of their own.')
}

/** Compared as digests, so that neither length nor content shows in the time it takes. */
function admitBearer(token: string | undefined): (request: Request) => void {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  const expected = token === undefined ? undefined : digest(token)
  return (request) => {
    if (expected && timingSafeEqual(digest(bearer(request)), expected)) return
    throw new IdentityError('token_invalid', 'This is not the token of the admin listener.')
  }
}
