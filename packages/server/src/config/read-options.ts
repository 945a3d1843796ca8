import type { HufuOptions } from '../hufu-options.ts'
import { type Config, ConfigError } from './config.ts'
import { configFrom } from './config-from.ts'
import { type RawSetting, rawSetting } from './raw-setting.ts'
import type { Setting } from './setting.ts'
import { ALL_SETTINGS, SETTINGS } from './settings.ts'

/** Options that are no settings, but values of the application's own, and what each must be. */
const OTHERS = {
  apps: { expected: 'a list of apps', fits: Array.isArray },
  addressOf: { expected: 'a function', fits: isFunction },
  onEvent: { expected: 'a function', fits: isFunction },
} satisfies Partial<Record<keyof HufuOptions, { expected: string; fits(value: unknown): boolean }>>

/**
 * The configuration of a library: what is no option has its default.
 *
 * @throws {ConfigError} with every problem at once, under the names of the options
 */
export function readOptions(options: HufuOptions): Config {
  const wrong = [...wrongOthers(options), ...unknownOptions(options)]
  try {
    const config = configFrom((row) => rawSettingFrom(options, row), { cloudRunEnvironment: undefined })
    if (wrong.length === 0) return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    wrong.unshift(error.message)
  }
  throw new ConfigError(wrong.join('\n'))
}

function wrongOthers(options: HufuOptions): string[] {
  return Object.entries(OTHERS).flatMap(([name, { expected, fits }]) => {
    const value = options[name as keyof typeof OTHERS]
    return value === undefined || fits(value) ? [] : [`${name}: expected ${expected}`]
  })
}

function unknownOptions(options: HufuOptions): string[] {
  const known = new Set<string | undefined>([...Object.keys(OTHERS), ...ALL_SETTINGS.map(({ option }) => option)])
  return Object.keys(options)
    .filter((name) => !known.has(name))
    .map((name) => `${name}: is not an option of createHufu`)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function rawSettingFrom(options: HufuOptions, { option, isPath }: Setting<unknown>): RawSetting {
  if (option === undefined) return { called: 'createHufu' }
  const value: unknown = options[option]
  if (value === undefined) return { called: option }
  if (!['string', 'number', 'boolean'].includes(typeof value)) return { called: option, problem: 'expected plain text' }
  return rawSetting(option, String(value), isPath ? { isPath } : {})
}

/** An error's message in the words of whoever uses the library: settings that they never made are options that they know. */
export const inOptions = (message: string): string =>
  message.replace(/HUFU_[A-Z_]+/g, (name) => OPTION_OF.get(name) ?? name)

const OPTION_OF = new Map<string, string>([
  ...ALL_SETTINGS.flatMap(({ name, option }) => (option === undefined ? [] : [[name, option] as const])),
  [SETTINGS.dataDir.name, 'database'], // the folder that its file lies in
])
