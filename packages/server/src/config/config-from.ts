import { DAY } from '../domain/time.ts'
import { readCloudRun } from './cloud-run.ts'
import { type Config, ConfigError } from './config.ts'
import type { RawSetting } from './raw-setting.ts'
import { type Known, NOTHING_KNOWN, type Setting } from './setting.ts'
import { ALL_SETTINGS, SETTINGS } from './settings.ts'

/**
 * The configuration that a source gives.
 *
 * @param rawOf what the source says about a setting
 * @throws {ConfigError} with every problem at once, each under the name that the source calls it by
 */
export function configFrom(
  rawOf: (row: Setting<unknown>) => RawSetting,
  { cloudRunEnvironment }: Pick<Known, 'cloudRunEnvironment'>,
): Config {
  const wrong: string[] = []
  const known: Known = { ...NOTHING_KNOWN, cloudRunEnvironment }
  const read = <Value>(row: Setting<Value>): Value => {
    const { called, text, problem } = rawOf(row)
    try {
      if (problem !== undefined) throw new TypeError(problem)
      const given = text ?? fallbackOf(row, known)
      return given === undefined ? (undefined as Value) : row.parse(given, known)
    } catch (error) {
      wrong.push(`${called}: ${(error as Error).message}`)
      return undefined as Value // never seen: the problem is thrown below
    }
  }
  const mode = read(SETTINGS.mode)
  known.development = mode === 'development'
  const dataDir = read(SETTINGS.dataDir)
  known.dataDir = dataDir ?? known.dataDir
  const database = read(SETTINGS.database)
  const masterKeys = { current: read(SETTINGS.masterKey), previous: read(SETTINGS.previousMasterKey) }
  const host = read(SETTINGS.host)
  const port = read(SETTINGS.port)
  known.host = host ?? known.host
  known.port = port ?? known.port
  const isCloudRun = ALL_SETTINGS.filter((row) => row.cloudRun).some((row) => {
    const { text, problem } = rawOf(row)
    return text !== undefined || problem !== undefined
  })
  const config: Config = {
    mode,
    dataDir,
    database,
    databasePool: read(SETTINGS.databasePool),
    masterKeys,
    host,
    port,
    admin: { host: read(SETTINGS.adminHost), port: read(SETTINGS.adminPort), token: read(SETTINGS.adminToken) },
    issuer: read(SETTINGS.issuer),
    audience: read(SETTINGS.audience),
    signingAlgorithm: read(SETTINGS.signingAlgorithm),
    trustedProxies: read(SETTINGS.trustedProxies),
    loginLimit: read(SETTINGS.loginLimit),
    exposeWeChatIds: read(SETTINGS.exposeWeChatIds),
    logLevel: read(SETTINGS.logLevel),
    simulatorPort: read(SETTINGS.simulatorPort),
    wechatBaseUrl: read(SETTINGS.wechatBaseUrl),
    cloudKeyLimit: read(SETTINGS.cloudKeyLimit),
    retention: { login: read(SETTINGS.loginAuditDays) * DAY, rest: read(SETTINGS.auditDays) * DAY },
    cloudRun: isCloudRun ? readCloudRun(read) : undefined,
  }
  refuseSharedPorts(config, wrong)
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'))
  return config
}

/** What is read where nothing is said. */
export const fallbackOf = ({ fallback }: Pick<Setting<unknown>, 'fallback'>, known: Known): string | undefined =>
  typeof fallback === 'function' ? fallback(known) : fallback

function refuseSharedPorts({ port, admin, cloudRun }: Config, wrong: string[]): void {
  if (port > 0 && port === admin.port) {
    wrong.push(`${SETTINGS.adminPort.name}: the same as ${SETTINGS.port.name}; operators need a listener of their own`)
  }
  if (cloudRun && cloudRun.port > 0 && (cloudRun.port === port || cloudRun.port === admin.port)) {
    wrong.push(
      'HUFU_CLOUDRUN_PORT: the same as another listener; the gateway’s headers count on a listener of their own only',
    )
  }
}
