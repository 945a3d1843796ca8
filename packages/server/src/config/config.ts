import type { LogLevel } from '../adapters/pino-log.ts'
import type { SigningAlgorithm } from '../adapters/tokens/keyring.ts'
import type { MasterKeys } from '../adapters/vault.ts'
import type { Retention } from '../domain/events.ts'
import type { TrustedProxies } from '../http/client-address.ts'
import type { CloudRun } from './cloud-run.ts'
import type { Database } from './database-url.ts'

export type Mode = 'production' | 'development'

/** Everything one process is told. Secrets in it are marked by their types or names and are never printed. */
export interface Config {
  mode: Mode
  dataDir: string
  database: Database
  /** Connections of one process to PostgreSQL. */
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
  retention: Retention
  cloudRun: CloudRun | undefined
}

/** The configuration cannot be used; the message names every problem, a line each, and quotes no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Environment variables, or what stands in for them. */
export type Environment = Readonly<Record<string, string | undefined>>
