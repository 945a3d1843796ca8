import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, toCommonJs } from '../../packages/miniprogram/build/compile.mts'
import { club, shop } from './hufu.ts'
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

const names = { [shop.appId]: '茶铺', [club.appId]: '茶友会' }

/** The settings of a real mini program: it has one AppID and plays nobody. The other one's name is there to be shown. */
export function oneApp(appId: string): Pick<ExampleConfig, 'apps' | 'people'> {
  const apps = Object.entries(names).map(([id, name]) => ({ appId: id, name }))
  return { apps: apps.sort((a, b) => Number(b.appId === appId) - Number(a.appId === appId)), people: [] }
}

/** config.js of the example in this folder, with other settings, as a file to put in its place. */
export function configured(folder: string, config: ExampleConfig): Record<string, string> {
  const written = readFileSync(join(folder, 'config.js'), 'utf8')
  return { 'config.js': `${written}\nObject.assign(module.exports, ${JSON.stringify(config)})` }
}

let sdk: Promise<string> | undefined

/** The example mini program with the SDK as it is now, and with another config.js. */
export async function packExample(config: ExampleConfig): Promise<Program> {
  sdk ??= compile('index').then(toCommonJs)
  return pack(folder, {
    ...configured(folder, config),
    'miniprogram_npm/@hufu/miniprogram/index.js': await sdk,
  })
}
