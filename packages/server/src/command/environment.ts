import { existsSync, readFileSync } from 'node:fs'
import { type Config, ConfigError, type Environment, readConfig, unknownSettings } from '../config.ts'
import { withDevelopmentSecrets } from './secrets-at-hand.ts'

const FILE = 'hufu.config.json'

/**
 * The configuration of this process: `hufu.config.json` beside it, if there is one, under the environment.
 *
 * @throws {ConfigError} with every problem at once
 */
export function configuration(env: Environment): Config {
  const merged = { ...fromFile(), ...env }
  for (const name of unknownSettings(merged)) {
    process.stderr.write(`warning: ${name} is not a setting of Hufu; is it misspelled? · 未知配置项\n`)
  }
  const development = merged.HUFU_MODE === 'development'
  return readConfig(development ? withDevelopmentSecrets(merged) : merged)
}

/** The same names as in the environment; no secrets, which belong into a file of their own (`…_FILE`). */
function fromFile(): Environment {
  if (!existsSync(FILE)) return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(FILE, 'utf8'))
  } catch {
    throw new ConfigError(`${FILE}: not valid JSON`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigError(`${FILE}: expected an object of settings, such as {"HUFU_PORT": 8787}`)
  }
  const wrong = Object.entries(parsed).filter(
    ([name, value]) =>
      !['string', 'number', 'boolean'].includes(typeof value) ||
      ['HUFU_MASTER_KEY', 'HUFU_MASTER_KEY_PREVIOUS', 'HUFU_ADMIN_TOKEN'].includes(name),
  )
  if (wrong.length > 0) {
    const names = wrong.map(([name]) => name).join(', ')
    throw new ConfigError(
      `${FILE}: wrong: ${names} (plain values only; a secret goes into a file, named by ${'…_FILE'})`,
    )
  }
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}
