import type { Config, Environment } from '../config/config.ts'
import { rawSettingFrom, readConfig, unknownSettings } from '../config/read-config.ts'
import { readConfigFile } from '../config/read-config-file.ts'
import { SETTINGS } from '../config/settings.ts'
import { DEVELOPMENT_SECRETS, developmentSecrets } from './development-secrets.ts'
import { newKey } from './key.ts'

/**
 * The configuration of this process: `hufu.config.json` beside it, if there is one, under the environment.
 *
 * @throws {ConfigError} with every problem at once, before anything is made
 */
export const configuration = (env: Environment): Config => configurationOf(givenSettings(env))

/** The same, of settings that were put together already. */
export function configurationOf(settings: Environment): Config {
  if (rawSettingFrom(settings, SETTINGS.mode).text !== 'development') return readConfig(settings)
  const missing = DEVELOPMENT_SECRETS.filter((name) => isUnsaid(settings, name))
  // Keys for a moment, so that everything else is known to be right before a folder is made for keys to keep.
  const { dataDir } = readConfig({ ...settings, ...Object.fromEntries(missing.map((name) => [name, newKey()])) })
  return readConfig({ ...settings, ...developmentSecrets(dataDir, missing) })
}

/**
 * What the environment says, over what `hufu.config.json` says. Names that are no settings are told on standard error.
 *
 * @throws {ConfigError}
 */
export function givenSettings(env: Environment): Environment {
  const file = readConfigFile()
  for (const name of file.unknown) warnOf(`hufu.config.json: ${name}`)
  for (const name of unknownSettings(env)) warnOf(name)
  const underneath = Object.entries(file.settings).filter(([name]) => {
    const itself = name.replace(/_FILE$/, '')
    return !env[itself]?.trim() && !env[`${itself}_FILE`]?.trim()
  })
  return { ...env, ...Object.fromEntries(underneath) }
}

const warnOf = (name: string): void => {
  process.stderr.write(`warning: ${name} is not a setting of Hufu; is it misspelled? · 未知配置项\n`)
}

/** Whether nothing was said about a setting, right or wrong. */
export function isUnsaid(settings: Environment, name: `HUFU_${string}`): boolean {
  const { text, problem } = rawSettingFrom(settings, { name })
  return text === undefined && problem === undefined
}
