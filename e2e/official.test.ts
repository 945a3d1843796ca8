import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { configured, oneApp } from '../test/runtime/example.ts'
import { journey } from '../test/runtime/journey.ts'
import { pack } from '../test/runtime/pack.ts'
import { ask, runTool, tools, workshop } from './workshop.ts'

const folder = workshop('miniprogram')
const compiled = `${folder}-compiled`
const script = (name: string) => fileURLToPath(new URL(`official/${name}`, import.meta.url))

test('构建 npm takes exactly the files of the package, and has nothing to warn about', async () => {
  assert.deepEqual(await ask(script('pack-npm.cjs'), [folder]), {
    miniProgramPackNum: 1,
    otherNpmPackNum: 0,
    warnList: [],
  })
  const built = join(folder, 'miniprogram_npm/@hufu/miniprogram')
  const files = globSync('**/*', { cwd: built }).sort()
  assert.deepEqual(files, [
    'core.d.ts',
    'core.js',
    'dev.d.ts',
    'dev.js',
    'index.d.ts',
    'index.js',
    'is-hufu-error.d.ts',
    'types.d.ts',
  ])
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    assert.doesNotMatch(readFileSync(join(built, file), 'utf8'), /\brequire\s*\(|\bimport\s*\(/, file)
  }
})

test('wcc and wcsc, the compilers inside WeChat, take every template and every style sheet', () => {
  const platform = { darwin: 'mac', win32: 'windows' }[process.platform as string] ?? 'linux'
  const compiler = (name: string) => join(tools, 'miniprogram-compiler/bin', platform, name)
  const run = (name: string, file: string) => {
    if (platform !== 'windows') chmodSync(compiler(name), 0o755) // npm unpacks them without the right to run
    return spawnSync(compiler(name), [file], { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  }
  const wanted = { wcc: 'wxml', wcsc: 'wxss' }
  for (const [name, ending] of Object.entries(wanted)) {
    const files = globSync(`**/*.${ending}`, { cwd: folder, exclude: (path) => path === 'node_modules' })
    assert.ok(files.length >= 6, `${files.length} files end in .${ending}`)
    for (const file of files) {
      const { status, stdout, stderr } = run(name, file)
      assert.ok(status === 0 && stdout.length > 0, `${name} ${file}: ${status} ${stderr}`)
    }
    const broken = `${folder}-broken.${ending}`
    writeFileSync(broken, '<view wx:if="{{">{')
    assert.notEqual(run(name, broken).status, 0, `${name} finds what is broken`)
  }
})

test('the official compiler compiles the example to ES5', () => {
  runTool(script('compile.cjs'), [folder, compiled], folder)
  const page = readFileSync(join(compiled, 'pages/orders/index.js'), 'utf8')
  assert.doesNotMatch(page, /\basync\b|=>|`/)
  assert.match(page, /regeneratorRuntime/)
})

journey({
  name: 'official-compile',
  open: (stage, { appId }, person) => {
    const config = { server: stage.hufu.url, api: stage.api, ...oneApp(appId) }
    return stage.run(pack(compiled, configured(compiled, config)), { appId, person })
  },
  entries: (phone) => phone.fake.count('login'),
})
