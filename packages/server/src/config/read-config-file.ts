import { existsSync } from 'node:fs'
import { ConfigError, type Environment } from './config.ts'
import { unknownSettings } from './read-config.ts'
import { ALL_SETTINGS } from './settings.ts'
import { readTextFile } from './text-file.ts'

const FILE = 'hufu.config.json'

/**
 * The settings of `hufu.config.json` in the current folder, under the names of the environment: none where there is no
 * such file. A secret belongs into a file of its own, which `…_FILE` names.
 *
 * @throws {ConfigError} naming every key whose value is of no use
 */
export function readConfigFile(): { settings: Environment; unknown: string[] } {
  if (!existsSync(FILE)) return { settings: {}, unknown: [] }
  const found = Object.entries(readObject())
  const wrong = found.flatMap(([name, value]) => {
    if (ALL_SETTINGS.some((row) => row.secret && row.name === name)) {
      return [`${FILE}: ${name}: a secret; put it into a file of its own and name that with ${name}_FILE`]
    }
    if (isPlain(value)) return []
    return [`${FILE}: ${name}: expected text, a number, true or false`]
  })
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'))
  const settings = Object.fromEntries(found.map(([name, value]) => [name, String(value)]))
  const foreign = Object.keys(settings).filter((name) => !name.startsWith('HUFU_'))
  return { settings, unknown: [...unknownSettings(settings), ...foreign] }
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

function readObject(): object {
  let parsed: unknown
  try {
    parsed = JSON.parse(readTextFile(FILE))
  } catch (error) {
    const why = error instanceof SyntaxError ? 'not valid JSON' : 'cannot be read as text in UTF-8 or UTF-16'
    throw new ConfigError(`${FILE}: ${why}`)
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new ConfigError(`${FILE}: expected an object of settings, such as {"HUFU_PORT": 8787}`)
}
