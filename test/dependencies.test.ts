import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

type Names = Record<string, string>
interface Manifest {
  name: string
  private?: boolean
  scripts?: Names
  dependencies?: Names
  optionalDependencies?: Names
  peerDependencies?: Names
  files?: string[]
}
interface Locked extends Manifest {
  resolved?: string
  link?: boolean
  integrity?: string
  hasInstallScript?: boolean
}

const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`))
const folders = globSync('packages/*/package.json', { cwd: root }).map((file) => dirname(file).split(sep).join('/'))
const lock: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages

/** Every package that the server brings along when it is installed, from other people. A change here is a decision. */
const RUN_TIME = [
  '@hono/node-server',
  '@pinojs/redact',
  'atomic-sleep',
  'commander',
  'hono',
  'jose',
  'on-exit-leak-free',
  'pg',
  'pg-cloudflare',
  'pg-connection-string',
  'pg-int8',
  'pg-pool',
  'pg-protocol',
  'pg-types',
  'pgpass',
  'pino',
  'pino-abstract-transport',
  'pino-std-serializers',
  'postgres-array',
  'postgres-bytea',
  'postgres-date',
  'postgres-interval',
  'process-warning',
  'quick-format-unescaped',
  'real-require',
  'safe-stable-stringify',
  'sonic-boom',
  'split2',
  'thread-stream',
  'undici',
  'xtend',
]

/** Where a package finds another, as Node looks for it. */
function locate(from: string, name: string): string {
  for (let at = from; ; at = posix.dirname(at)) {
    const place = posix.join(at, 'node_modules', name)
    if (lock[place]) return place
    if (at === '.') return assert.fail(`${name}, which ${from} needs, is not in the lockfile`)
  }
}

/** All that is installed for the server to run. */
function runTime(): Map<string, Locked> {
  const found = new Map<string, Locked>()
  const visit = (place: string): void => {
    const named = lock[place] ?? assert.fail(place)
    const real = named.link ? (named.resolved ?? '') : place
    if (found.has(real)) return
    const locked = lock[real] ?? assert.fail(real)
    found.set(real, locked)
    for (const name of Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })) {
      visit(locate(real, name))
    }
  }
  visit('packages/server')
  return found
}

test('T37 the server has at most ten direct dependencies, each with its reason in both READMEs and none beside', () => {
  const direct = Object.keys(manifestOf('packages/server').dependencies ?? {})
  const foreign = direct.filter((name) => !name.startsWith('@hufu/'))
  assert.ok(direct.length <= 10, direct.join(', '))
  for (const [file, heading] of [
    ['README.md', '| dependency | why |'],
    ['README.zh-CN.md', '| 依赖 | 用途 |'],
  ] as const) {
    const table = read(file).split(heading)[1]?.split('\n\n')[0] ?? assert.fail(`${file} has no table of dependencies`)
    const named = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    assert.deepEqual(named.sort(), [...foreign].sort(), file)
  }
})

test('T37 every run-time dependency is pinned, and the lockfile holds its digest and no registry’s address', () => {
  for (const folder of folders) {
    for (const [name, version] of Object.entries(manifestOf(folder).dependencies ?? {})) {
      assert.match(version, /^\d+\.\d+\.\d+$/, `${folder}: ${name}`)
    }
  }
  for (const [place, { resolved, link, integrity }] of Object.entries(lock)) {
    if (place.includes('node_modules/') && !link) {
      assert.equal(resolved, undefined, place)
      assert.match(integrity ?? '', /^sha512-/, place)
    } else if (resolved) assert.match(resolved, /^packages\/[\w-]+$/, place)
  }
})

test('T37 every installed run-time package is on the list here, and none needs an install script', () => {
  const all = runTime()
  const foreign = [...all.keys()].filter((place) => place.startsWith('node_modules/'))
  assert.deepEqual(foreign.map((place) => place.slice('node_modules/'.length)).sort(), RUN_TIME)
  for (const [place, locked] of all) assert.ok(!locked.hasInstallScript, place)
})

test('T37 the other published packages have no run-time dependency', () => {
  for (const folder of folders.filter((one) => one !== 'packages/server')) {
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder)
    const brought = Object.keys({ ...dependencies, ...optionalDependencies })
    // verify may use jose; everything else is a type or nothing.
    const allowed = folder === 'packages/verify' ? ['jose', '@hufu/contract'] : ['@hufu/contract']
    assert.deepEqual(
      brought.filter((name) => !allowed.includes(name)),
      [],
      folder,
    )
  }
})

test('T37 no package of ours runs a script when somebody installs it', () => {
  for (const folder of folders) {
    const scripts = Object.keys(manifestOf(folder).scripts ?? {})
    const onInstall = scripts.filter((name) => /^(pre|post)?(install|uninstall)$|^prepare$/.test(name))
    assert.deepEqual(onInstall, [], folder)
  }
})

const npm = (...words: string[]): string => {
  const { status, stdout, stderr } = spawnSync('npm', words, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  assert.equal(status, 0, stderr)
  return stdout
}

test('T35 the published server holds the command, the compiled code and the migrations; no simulator, no tests, no data', () => {
  const [{ files }] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts', '-w', 'packages/server')) as [
    { files: { path: string }[] },
  ]
  const paths = files.map(({ path }) => path)
  assert.ok(paths.includes('bin/hufu.js') && paths.includes('migrations/sqlite/0001-first.sql'))
  const foreign = paths.filter(
    (path) => !/^(bin|dist|migrations)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
  )
  assert.deepEqual(foreign, [])
  const odd = paths.filter((path) =>
    /\.test\.|conformance|simulator|\.(db|key|token|env|lock|ts)$/.test(path.replace('.d.ts', '')),
  )
  assert.deepEqual(odd, [])
  const { dependencies = {}, files: shipped } = manifestOf('packages/server')
  assert.ok(!('@hufu/simulator' in dependencies))
  assert.deepEqual(shipped, ['bin', 'dist', 'migrations'])
})

test('T35 the compiled packages hold no test', () => {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  for (const folder of folders.filter((one) => one !== 'packages/miniprogram')) {
    const { stdout } = spawnSync(tsc, ['-p', folder, '--listFilesOnly'], { cwd: root, encoding: 'utf8' })
    const own = stdout.split('\n').filter((file) => file.split(sep).join('/').includes(`/${folder}/src/`))
    assert.ok(own.length > 0, folder)
    assert.deepEqual(
      own.filter((file) => /\.test\.ts|conformance/.test(file)),
      [],
      folder,
    )
  }
})
