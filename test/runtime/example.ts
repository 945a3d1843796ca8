import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, toCommonJs } from '../../packages/miniprogram/build/compile.mts'
import { type Program, pack } from './pack.ts'

const folder = fileURLToPath(new URL('../../examples/miniprogram', import.meta.url))

/** What a developer changes in config.js. */
export interface ExampleConfig {
  server: string
  api: string
  apps?: { appId: string; name: string }[]
  people?: { label: string; person?: string }[]
  cloud?: { env: string; function: string }
}

let sdk: Promise<string> | undefined

/** The example mini program with the SDK as it is now, and with another config.js. */
export async function packExample(config: ExampleConfig): Promise<Program> {
  sdk ??= compile('index').then(toCommonJs)
  const written = readFileSync(join(folder, 'config.js'), 'utf8')
  return pack(folder, {
    'config.js': `${written}\nObject.assign(module.exports, ${JSON.stringify(config)})`,
    'miniprogram_npm/@hufu/miniprogram/index.js': await sdk,
  })
}
