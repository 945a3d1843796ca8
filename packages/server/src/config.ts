import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { LOG_LEVELS, type LogLevel } from './adapters/pino-log.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './adapters/tokens/keyring.ts'
import type { MasterKeys } from './adapters/vault.ts'
import { CLOUD_RUN_SETTINGS, type CloudRun, readCloudRun } from './config-cloud-run.ts'
import { networks, type TrustedProxies } from './http/client-address.ts'

export type Mode = 'production' | 'development'

/** Everything one process is told. Secrets in it are marked by their types or names and are never printed. */
export interface Config {
  mode: Mode
  dataDir: string
  database: { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string }
  /** Connections to PostgreSQL, of this process. */
  databasePool: number
  masterKeys: MasterKeys
  host: string
  port: number
  admin: { host: string; port: number; token: string | undefined }
  issuer: string
  audience: string | undefined
  signingAlgorithm: SigningAlgorithm
  trustedProxies: TrustedProxies
  loginLimit: number
  exposeWeChatIds: boolean
  logLevel: LogLevel
  simulatorPort: number
  wechatBaseUrl: string | undefined
  cloudKeyLimit: number
  cloudRun: CloudRun | undefined
}

/** The configuration cannot be used; the message names every problem, a line each, and quotes no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type Environment = Readonly<Record<string, string | undefined>>

export const SETTINGS = [
  'HUFU_MODE',
  'HUFU_DATA_DIR',
  'HUFU_DATABASE_URL',
  'HUFU_DATABASE_POOL',
  'HUFU_MASTER_KEY',
  'HUFU_MASTER_KEY_PREVIOUS',
  'HUFU_HOST',
  'HUFU_PORT',
  'HUFU_ADMIN_HOST',
  'HUFU_ADMIN_PORT',
  'HUFU_ADMIN_TOKEN',
  'HUFU_ISSUER',
  'HUFU_AUDIENCE',
  'HUFU_SIGNING_ALGORITHM',
  'HUFU_TRUSTED_PROXIES',
  'HUFU_LOGIN_LIMIT',
  'HUFU_EXPOSE_WECHAT_IDS',
  'HUFU_LOG_LEVEL',
  'HUFU_SIMULATOR_PORT',
  'HUFU_WECHAT_BASE_URL',
  'HUFU_CLOUD_KEY_LIMIT',
  ...CLOUD_RUN_SETTINGS,
] as const

const SECRET_SETTINGS = [
  'HUFU_MASTER_KEY',
  'HUFU_MASTER_KEY_PREVIOUS',
  'HUFU_ADMIN_TOKEN',
  'HUFU_DATABASE_URL',
] as const

/** Names that begin like ours and are not: most often a misspelling. */
export const unknownSettings = (env: Environment): string[] => {
  const known = new Set<string>([...SETTINGS, ...SECRET_SETTINGS.map((name) => `${name}_FILE`)])
  return Object.keys(env).filter(
    (name) => name.startsWith('HUFU_') && !known.has(name) && !name.startsWith('HUFU_TEST_'),
  )
}

/**
 * Reads the configuration once and whole.
 *
 * @param env the process environment, over what `hufu.config.json` says
 * @throws {ConfigError} with every problem at once
 */
export function readConfig(env: Environment): Config {
  const wrong: string[] = []
  const raw = (name: (typeof SETTINGS)[number]): string | undefined => {
    const file = env[`${name}_FILE`]
    if (file === undefined) return env[name] === '' ? undefined : env[name]
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      wrong.push(`${name}_FILE: cannot be read`)
      return undefined
    }
  }
  const read = <T>(name: (typeof SETTINGS)[number], parse: (value: string) => T, fallback: string): T => {
    try {
      return parse(raw(name) ?? fallback)
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`)
      return undefined as T
    }
  }
  const optional = <T>(name: (typeof SETTINGS)[number], parse: (value: string) => T): T | undefined =>
    raw(name) === undefined ? undefined : read(name, parse, '')

  const mode = read('HUFU_MODE', oneOf<Mode>(['production', 'development']), 'production')
  const development = mode === 'development'
  const dataDir = resolve(raw('HUFU_DATA_DIR') ?? './data')
  const port = read('HUFU_PORT', portNumber, '8787')
  const masterKey = optional('HUFU_MASTER_KEY', masterKeyBytes)
  if (!masterKey && raw('HUFU_MASTER_KEY') === undefined) {
    wrong.push('HUFU_MASTER_KEY: required; make one with: hufu key make')
  }
  const config: Config = {
    mode,
    dataDir,
    database: read('HUFU_DATABASE_URL', databaseUrl, `file:${join(dataDir, 'hufu.db')}`),
    databasePool: read('HUFU_DATABASE_POOL', wholeNumber(1, 1000), '10'),
    masterKeys: {
      current: masterKey ?? new Uint8Array(32),
      previous: optional('HUFU_MASTER_KEY_PREVIOUS', masterKeyBytes),
    },
    host: read('HUFU_HOST', hostName, development ? '127.0.0.1' : '0.0.0.0'),
    port,
    admin: {
      host: read('HUFU_ADMIN_HOST', hostName, '127.0.0.1'),
      port: read('HUFU_ADMIN_PORT', portNumber, '8788'),
      token: optional('HUFU_ADMIN_TOKEN', adminToken),
    },
    issuer: read('HUFU_ISSUER', issuerUrl(development), development ? `http://127.0.0.1:${port}` : ''),
    audience: optional('HUFU_AUDIENCE', audience),
    signingAlgorithm: read('HUFU_SIGNING_ALGORITHM', oneOf(SIGNING_ALGORITHMS), 'ES256'),
    trustedProxies: optional('HUFU_TRUSTED_PROXIES', trustedProxies),
    loginLimit: read('HUFU_LOGIN_LIMIT', wholeNumber(0, 1_000_000), '600'),
    exposeWeChatIds: read('HUFU_EXPOSE_WECHAT_IDS', trueOrFalse, 'true'),
    logLevel: read('HUFU_LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
    simulatorPort: read('HUFU_SIMULATOR_PORT', portNumber, '8789'),
    wechatBaseUrl: optional('HUFU_WECHAT_BASE_URL', wechatBaseUrl(development)),
    cloudKeyLimit: read('HUFU_CLOUD_KEY_LIMIT', wholeNumber(0, 10_000_000), '6000'),
    cloudRun: readCloudRun(env, wrong),
  }
  refuseSharedPorts(config, wrong)
  if (wrong.length > 0) throw new ConfigError([...new Set(wrong)].join('\n'))
  return config
}

function refuseSharedPorts({ port, admin, cloudRun }: Config, wrong: string[]): void {
  if (port > 0 && port === admin.port)
    wrong.push('HUFU_ADMIN_PORT: the same as HUFU_PORT; operators need a listener of their own')
  if (cloudRun && cloudRun.port > 0 && (cloudRun.port === port || cloudRun.port === admin.port)) {
    wrong.push(
      'HUFU_CLOUDRUN_PORT: the same as another listener; the gateway’s headers count on a listener of their own only',
    )
  }
}

const oneOf =
  <T extends string>(allowed: readonly T[]) =>
  (value: string): T => {
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw new TypeError(`expected one of ${allowed.join(', ')}`)
    return found
  }

const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    if (!/^\d{1,9}$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new TypeError(`expected a whole number from ${least} to ${most}`)
    }
    return Number(value)
  }

const portNumber = wholeNumber(0, 65_535)

function hostName(value: string): string {
  if (isIP(value) === 0 && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value)) {
    throw new TypeError('expected an address or a host name, such as 127.0.0.1, ::1 or localhost')
  }
  return value
}

function masterKeyBytes(value: string): Uint8Array {
  const key = Buffer.from(value, 'base64')
  if (key.length !== 32 || !/^[\w+/-]{43}=?$/.test(value)) {
    throw new TypeError('expected 32 bytes in base64; make one with: hufu key make')
  }
  return key
}

/** At least 128 bits, as far as that can be seen from outside (threat T35). */
function adminToken(value: string): string {
  if (!/^[\x21-\x7e]{22,512}$/.test(value) || new Set(value).size < 10) {
    throw new TypeError('expected at least 128 random bits: 22 or more characters, such as those of: hufu key make')
  }
  return value
}

const issuerUrl =
  (development: boolean) =>
  (value: string): string => {
    const url = URL.parse(value)
    const fits = url && (url.protocol === 'https:' || (development && url.protocol === 'http:'))
    // Verifiers compare it byte for byte, so only its one plain spelling will do.
    if (!fits || value !== url.origin + url.pathname.replace(/\/+$/, '')) {
      throw new TypeError(
        `expected the public ${development ? 'http or ' : ''}https address of this server as a browser shows it, without a slash at its end`,
      )
    }
    return value
  }

function audience(value: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) throw new TypeError('expected a name or URL without blanks')
  return value
}

function databaseUrl(value: string): Config['database'] {
  if (value.startsWith('file:') && value.length > 'file:'.length) {
    return { kind: 'sqlite', file: resolve(value.replace(/^file:(\/\/)?/, '')) }
  }
  if (/^postgres(ql)?:\/\//.test(value)) return { kind: 'postgres', url: value }
  throw new TypeError('expected file:… or postgres://…')
}

function trustedProxies(value: string): TrustedProxies {
  if (/^\d$/.test(value) && value !== '0') return { hops: Number(value) }
  try {
    return { networks: networks(value.split(',').map((cidr) => cidr.trim())) }
  } catch {
    throw new TypeError('expected a number of proxies (1 to 9) or networks such as 10.0.0.0/8,fd00::/8')
  }
}

const wechatBaseUrl =
  (development: boolean) =>
  (value: string): string => {
    if (!development) throw new TypeError('only in development: whoever answers there decides who everybody is')
    const url = URL.parse(value)
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/')
      throw new TypeError('expected http(s)://host:port')
    return url.origin
  }

function trueOrFalse(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw new TypeError('expected true or false')
}
