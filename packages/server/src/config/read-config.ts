import type { Config, Environment } from './config.ts'
import { configFrom } from './config-from.ts'
import { pathSetting } from './path-setting.ts'
import { type RawSetting, rawSetting } from './raw-setting.ts'
import type { Setting } from './setting.ts'
import { ALL_SETTINGS } from './settings.ts'
import { readTextFile } from './text-file.ts'

/**
 * Reads the configuration once and whole.
 *
 * @param env the process environment, over what `hufu.config.json` says
 * @throws {ConfigError} with every problem at once
 */
export const readConfig = (env: Environment): Config =>
  configFrom((row) => rawSettingFrom(env, row), { cloudRunEnvironment: env.CBR_ENV_ID?.trim() })

/** Names that begin like ours and are not: most often a misspelling. */
export const unknownSettings = (env: Environment): string[] => {
  const known = new Set<string>(ALL_SETTINGS.flatMap(({ name }) => [name, `${name}_FILE`]))
  return Object.keys(env).filter(
    (name) => name.startsWith('HUFU_') && !known.has(name) && !name.startsWith('HUFU_TEST_'),
  )
}

/** What the environment says about a setting, itself or in a file that it names. */
export function rawSettingFrom(env: Environment, row: Pick<Setting<unknown>, 'name' | 'isPath'>): RawSetting {
  const called = `${row.name}_FILE`
  const file = rawSetting(called, env[called], { isPath: true })
  if (file.problem !== undefined) return file
  const itself = rawSetting(row.name, env[row.name], row)
  if (file.text === undefined) return itself
  if (itself.text !== undefined) return { called, problem: `stands beside ${row.name}; set one of the two` }
  return rawSettingInFile(called, file.text)
}

function rawSettingInFile(called: string, file: string): RawSetting {
  let raw: string
  try {
    raw = readTextFile(pathSetting(file))
  } catch (error) {
    return { called, problem: error instanceof TypeError ? error.message : 'cannot be read' }
  }
  const found = rawSetting(called, raw, {})
  return (found.text ?? found.problem) ? found : { called, problem: 'the file is empty' }
}
