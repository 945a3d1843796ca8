import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { problemsOf } from '../build/check.mts'
import { entries, root, toCommonJs } from '../build/compile.mts'
import { emit, limits, sizeOf } from '../build/emit.mts'

const place = mkdtempSync(join(tmpdir(), 'hufu-miniprogram-'))
const built = join(place, 'package')
const read = (file: string) => readFileSync(join(built, file), 'utf8')

before(async () => {
  for (const file of ['package.json', 'README.md']) cpSync(join(root, file), join(built, file))
  await emit(built)
})
after(() => rmSync(place, { recursive: true, force: true }))

test('the package stays within its sizes after minifying and gzip', async () => {
  assert.deepEqual(limits, { index: 5120, core: 3584 })
  for (const entry of ['index', 'core'] as const) {
    const size = await sizeOf(read(`miniprogram_dist/${entry}.js`))
    assert.ok(size <= (limits[entry] ?? 0), `${entry} is ${size} bytes`)
  }
})

test('what is shipped is ES5 and uses no name but wx, timers, console and built-ins', () => {
  for (const entry of entries) {
    assert.deepEqual(problemsOf(read(`miniprogram_dist/${entry}.js`)), [])
    assert.deepEqual(problemsOf(toCommonJs(read(`dist/${entry}.mjs`))), [])
  }
})

test('the check of what is shipped finds newer syntax, foreign names and newer methods', () => {
  const wrong: [string, RegExp][] = [
    ['var a = () => 1', /not ES5/],
    ['let a = 1', /not ES5/],
    ['var a = b?.c', /not ES5/],
    ['async function f() {}', /not ES5/],
    ['fetch("x")', /global name fetch/],
    ['function f(a) { return a + window.b }', /global name window/],
    ['try { f() } catch (e) {} e; function f() {}', /global name e$/],
    ['var o = { process: 1 }; o.process; process.env', /global name process/],
    ['new Promise(f).finally(f); function f() {}', /calls finally/],
    ['Object.assign({}, {})', /calls assign/],
    ['require("crypto")', /global name require/],
  ]
  for (const [code, words] of wrong) assert.match(problemsOf(code).join('\n'), words, code)
  assert.deepEqual(
    problemsOf('var o = { a: 1 }; function f(b) { l: for (var c in b) break l; return o.a + c }; f(o)'),
    [],
  )
})

test('npm packs exactly the files that run, with their types', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: built, encoding: 'utf8' }))
  const native = entries.flatMap((entry) => [`miniprogram_dist/${entry}.d.ts`, `miniprogram_dist/${entry}.js`])
  const modules = entries.flatMap((entry) => [`dist/${entry}.d.mts`, `dist/${entry}.mjs`])
  const types = ['types', 'is-hufu-error'].flatMap((name) => [`miniprogram_dist/${name}.d.ts`, `dist/${name}.d.mts`])
  const files = packed.files.map((file: { path: string }) => file.path).sort()
  assert.deepEqual(files, ['README.md', 'package.json', ...native, ...modules, ...types].sort())
  assert.ok(packed.size < 40_000, `${packed.size} bytes packed`)
})

test('the package has no dependency, and every file that its fields name exists', () => {
  const manifest = JSON.parse(read('package.json'))
  assert.deepEqual([manifest.dependencies, manifest.peerDependencies], [undefined, undefined])
  assert.equal(manifest.miniprogram, 'miniprogram_dist')
  const named = JSON.stringify([
    manifest.main,
    manifest.module,
    manifest.types,
    manifest.exports,
    manifest.typesVersions,
  ])
  for (const [file] of named.matchAll(/(?:miniprogram_dist|dist)\/[\w.-]+/g)) assert.ok(read(file).length > 0, file)
})

test('require and import of the published package give the same client', async () => {
  const installed = install('node')
  const script = `
    const required = require('@hufu/miniprogram')
    import('@hufu/miniprogram').then((imported) => Promise.all(
      ['core', 'dev'].map((name) => import('@hufu/miniprogram/' + name)).concat(imported)
    )).then((all) => console.log(all.concat(required, require('@hufu/miniprogram/core')).map((each) =>
      typeof each.createClient + typeof each.isHufuError).join()))`
  const printed = execFileSync(process.execPath, ['-e', script], { cwd: installed, encoding: 'utf8' })
  assert.equal(printed.trim(), Array(5).fill('functionfunction').join())
})

const settings = [
  {
    name: 'a native mini program (CommonJS, no DOM)',
    module: 'commonjs',
    moduleResolution: 'bundler',
    lib: ['es2017'],
  },
  { name: 'a bundler (uni-app, Taro)', module: 'esnext', moduleResolution: 'bundler', lib: ['es2020'] },
  {
    name: 'Node resolution, as ES module and as CommonJS',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2022'],
  },
]
for (const { name, ...compilerOptions } of settings) {
  test(`the published types compile for ${name}, every library file checked`, () => {
    const installed = install(`types-${compilerOptions.module}`)
    cpSync(join(root, 'consumer'), installed, { recursive: true })
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
    const config = {
      compilerOptions: { ...compilerOptions, ...strict, target: 'es2020', types: ['miniprogram-api-typings'] },
      include: compilerOptions.module === 'nodenext' ? ['*.ts', '*.mts', '*.cts'] : ['*.ts'],
    }
    writeFileSync(join(installed, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
    const done = spawnSync(process.execPath, [tsc, '-p', installed], { encoding: 'utf8' })
    assert.equal(done.stdout, '')
    assert.equal(done.status, 0)
  })
}

/** A project with the package as npm would install it, and the mini-program typings beside it. */
function install(name: string): string {
  const project = join(place, name)
  const modules = join(project, 'node_modules')
  mkdirSync(join(modules, '@hufu'), { recursive: true })
  cpSync(built, join(modules, '@hufu', 'miniprogram'), { recursive: true })
  const typings = dirname(createRequire(import.meta.url).resolve('miniprogram-api-typings/package.json'))
  symlinkSync(typings, join(modules, 'miniprogram-api-typings'))
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  return project
}
