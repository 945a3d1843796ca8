import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { demoWorld } from '@hufu/simulator'

const here = fileURLToPath(new URL('../..', import.meta.url))
const readJson = (path: string) => JSON.parse(readFileSync(join(here, path), 'utf8'))
const miniprogram = 'examples/miniprogram'

test('the example mini program belongs to the apps and people that npm start brings along', () => {
  const config = createRequire(import.meta.url)(join(here, miniprogram, 'config.js'))
  const appIds = config.apps.map(({ appId }: { appId: string }) => appId)
  assert.deepEqual(
    appIds,
    demoWorld.apps.filter(({ kind }) => kind === 'miniprogram').map(({ appId }) => appId),
  )
  const played = config.people.flatMap(({ person }: { person?: string }) => person ?? [])
  assert.deepEqual(
    played,
    demoWorld.people.map(({ name }) => name),
  )
})

test('the example mini program opens in WeChat DevTools without a form to fill in', () => {
  const project = readJson(`${miniprogram}/project.config.json`)
  assert.equal(project.appid, 'touristappid')
  assert.equal(project.setting.urlCheck, false)
  const { pages, tabBar, componentFramework, lazyCodeLoading, style, sitemapLocation } = readJson(
    `${miniprogram}/app.json`,
  )
  assert.deepEqual(
    { componentFramework, lazyCodeLoading, style },
    { componentFramework: 'glass-easel', lazyCodeLoading: 'requiredComponents', style: 'v2' },
  )
  const icons = tabBar.list.flatMap((tab: Record<string, string>) => [tab.iconPath, tab.selectedIconPath])
  const files = pages.flatMap((page: string) => ['.js', '.json', '.wxml', '.wxss'].map((end) => page + end))
  for (const file of [...files, ...icons, sitemapLocation]) {
    assert.ok(existsSync(join(here, miniprogram, file)), `${file} is missing`)
  }
})

test('every example asks for the versions that it is tested with', () => {
  const used: Record<string, string> = { ...readJson('package.json').devDependencies }
  for (const path of globSync('packages/*/package.json', { cwd: here })) {
    const { name, version, devDependencies } = readJson(path)
    Object.assign(used, devDependencies, { [name]: version })
  }
  Object.assign(used, readJson('e2e/package.json').devDependencies)
  for (const path of globSync('examples/*/package.json', { cwd: here })) {
    const { dependencies = {}, devDependencies = {} } = readJson(path)
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.equal(version, used[name], `${name} of ${path}`)
    }
  }
})

test('every npm command in a README of the examples is there to be run', () => {
  const root = readJson('package.json').scripts
  for (const path of globSync('examples/*/README.md', { cwd: here })) {
    const own = path.replace('README.md', 'package.json')
    const known = { ...root, ...(existsSync(join(here, own)) ? readJson(own).scripts : {}) }
    const named = [...readFileSync(join(here, path), 'utf8').matchAll(/^npm (?:run )?([\w:]+)/gm)].map(
      ([, name]) => name,
    )
    for (const name of named) assert.ok(name === 'install' || known[name ?? ''], `npm run ${name} of ${path}`)
  }
})
