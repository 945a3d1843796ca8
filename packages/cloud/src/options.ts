import { type CallerRules, faultsOf } from './caller.ts'
import { type CloudKey, readCloudKey } from './cloud-key.ts'
import { ProblemError } from './errors.ts'

/** How the function reaches Hufu, and for whom it speaks. */
export interface LoginOptions extends CallerRules {
  /** Where Hufu is, as the cloud function sees it: `https://…`. Plain http is taken for this machine only. */
  server: string | undefined
  /**
   * What `hufu app cloud-key add` printed: a private JWK, raw or base64url-encoded. For a function that several apps share,
   * one key for each AppID; these AppIDs are then the ones that may call, unless `appIds` says otherwise.
   */
  key: string | undefined | Readonly<Record<string, string | undefined>>
  /** The server's issuer (HUFU_ISSUER) where it differs from `server`. */
  audience?: string | undefined
  /**
   * How long to wait for the server, in milliseconds. 2500 if left out: less than the 3 s after which the platform ends a
   * function whose limit nobody has raised.
   */
  timeoutMs?: number | undefined
}

export interface Setup {
  address: URL
  audience: string
  rules: CallerRules
  timeoutMs: number
  /** @throws {ProblemError} `app_unknown` when there is no key for this app. */
  keyOf(appid: string): CloudKey
}

/** @returns everything that is wrong, in one error that quotes no value, if anything is. */
export function readOptions(options: LoginOptions): Setup | ProblemError {
  const { server, key, audience, timeoutMs = 2500, appIds, sources } = options ?? {}
  const address = addressOf(server)
  const keys = readKeys(key)
  const rules = { appIds: appIds ?? keys.appIds, sources }
  const faults = [
    ...(address ? [] : ['server must be an https address without a query (http on 127.0.0.1 or localhost only)']),
    ...keys.faults,
    ...(audience === undefined || (typeof audience === 'string' && audience !== '') ? [] : ['audience must be a text']),
    ...(Number.isInteger(timeoutMs) && timeoutMs >= 100 && timeoutMs <= 60_000
      ? []
      : ['timeoutMs must be 100 to 60000']),
    ...faultsOf(rules),
  ]
  if (!address || faults.length > 0)
    return new ProblemError('server_misconfigured', `createLogin: ${faults.join('; ')}.`)
  return {
    address: new URL(`${address}/v1/login/cloud`),
    audience: audience ?? address,
    rules,
    timeoutMs,
    keyOf: keys.of,
  }
}

/** @returns the address without a trailing slash, if it is one that an assertion may travel to. */
function addressOf(server: unknown): string | undefined {
  if (typeof server !== 'string') return undefined
  try {
    const { protocol, hostname, search, hash, username, password } = new URL(server)
    const here = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
    const safe = protocol === 'https:' || (protocol === 'http:' && here)
    return safe && !(search || hash || username || password) ? server.trim().replace(/\/+$/, '') : undefined
  } catch {
    return undefined
  }
}

type Keys = { faults: string[]; appIds: string[] | undefined; of: (appid: string) => CloudKey }

function readKeys(key: unknown): Keys {
  const fault = (name: string) => `${name} must be a cloud key: an Ed25519 or P-256 private JWK with kid and d`
  if (typeof key !== 'object' || key === null) {
    const only = readCloudKey(key)
    return { faults: only ? [] : [fault('key')], appIds: undefined, of: () => known(only) }
  }
  const keys = new Map(Object.entries(key).map(([appid, text]) => [appid, readCloudKey(text)]))
  const bad = [...keys].flatMap(([appid, read]) => (read ? [] : [fault(`key of ${appid}`)]))
  return {
    faults: keys.size > 0 ? bad : [fault('key')],
    appIds: [...keys.keys()],
    of: (appid) => known(keys.get(appid)),
  }
}

function known(key: CloudKey | undefined): CloudKey {
  if (key) return key
  throw new ProblemError('app_unknown', 'There is no cloud key for this app.')
}
