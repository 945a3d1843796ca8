import { ConfigError, type Environment } from './config.ts'
import { rawSettingFrom } from './read-config.ts'
import { NOTHING_KNOWN } from './setting.ts'
import { SETTINGS } from './settings.ts'

/**
 * The data folder, for a command that asks for nothing else of the configuration.
 *
 * @throws {ConfigError}
 */
export function readDataDir(env: Environment): string {
  const { dataDir } = SETTINGS
  const { called, text = NOTHING_KNOWN.dataDir, problem } = rawSettingFrom(env, dataDir)
  try {
    if (problem !== undefined) throw new TypeError(problem)
    return dataDir.parse(text, NOTHING_KNOWN)
  } catch (error) {
    throw new ConfigError(`${called}: ${(error as Error).message}`)
  }
}
