import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const CONTRACT = ['@hufu/contract', '@hufu/contract/data']
const WORDS = ['@hufu/wechat/words', '@hufu/wechat/secret']
const ANYTHING = ['*']

interface Room {
  /** The files of the room: the longest beginning that fits decides. */
  at: string
  /** Other rooms, and packages, that it may import. Its own room is always allowed. `node:` stands for what Node brings. */
  may: readonly string[]
}

/** Who may import whom: CONTRIBUTING.md's table, room by room. An arrow that is not here is an arrow that must not be. */
const ROOMS: readonly Room[] = [
  { at: 'packages/contract/src/', may: [] },
  { at: 'packages/wechat/src/', may: ['node:crypto'] },
  { at: 'packages/simulator/src/', may: ['node:'] },
  { at: 'packages/miniprogram/src/', may: ['@hufu/contract'] },
  { at: 'packages/cloud/src/', may: ['@hufu/contract', 'node:', 'wx-server-sdk'] },
  { at: 'packages/verify/src/', may: ['@hufu/contract', 'node:', 'jose'] },
  { at: 'packages/console/src/', may: ['@hufu/contract'] },

  { at: 'packages/server/src/domain/', may: [...CONTRACT, ...WORDS, 'node:crypto'] },
  { at: 'packages/server/src/ports/', may: ['packages/server/src/domain/', ...WORDS] },
  {
    at: 'packages/server/src/usecases/',
    may: ['packages/server/src/domain/', 'packages/server/src/ports/', ...WORDS, 'node:crypto'],
  },
  {
    at: 'packages/server/src/http/',
    may: [
      'packages/server/src/usecases/',
      'packages/server/src/ports/',
      'packages/server/src/domain/',
      ...CONTRACT,
      ...WORDS,
      'hono',
      '@hono/node-server',
      'node:net',
      'node:crypto',
    ],
  },
  ...adapters({
    '': ['packages/server/src/adapters/tokens/', 'node:', 'pino', 'jose'],
    'tokens/': ['node:', 'jose'],
    'wechat/': ['node:', 'undici', '@hufu/wechat', '@hufu/contract'],
    'sql/': [],
    'sqlite/': ['packages/server/src/adapters/', 'packages/server/src/adapters/sql/', 'node:'],
    'postgres/': ['packages/server/src/adapters/', 'packages/server/src/adapters/sql/', 'node:', 'pg'],
  }),
  // The top: composition, the process and the command. Nothing below may import it.
  { at: 'packages/server/src/runtime/', may: ANYTHING },
  { at: 'packages/server/src/command/', may: ANYTHING },
  { at: 'packages/server/src/', may: ANYTHING },
]

/** Each adapter may know the ports, the domain, and the technology that it is named after. */
function adapters(technology: Record<string, readonly string[]>): Room[] {
  return Object.entries(technology).map(([folder, may]) => ({
    at: `packages/server/src/adapters/${folder}`,
    may: ['packages/server/src/ports/', 'packages/server/src/domain/', ...WORDS, ...may],
  }))
}

/** Sources that are shipped. Tests may look anywhere. */
const files = globSync('packages/*/src/**/*.{ts,mts,cts}', { cwd: root })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => !/\.test\.ts$|\/testing\/|\.d\.ts$/.test(file))

const IMPORT = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"]+)['"]/g

/** What a file imports, types too, with its own files named from the root. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
  return [...code.matchAll(IMPORT)].map(([, name = '']) =>
    name.startsWith('.') ? posix.join(posix.dirname(file), name) : name,
  )
}

function roomOf(file: string): Room {
  const fitting = ROOMS.filter(({ at }) => file.startsWith(at))
  const [room] = fitting.sort((one, other) => other.at.length - one.at.length)
  return room ?? assert.fail(`${file} stands in no room: add its room to the table, with what it may import`)
}

function isAllowed(from: Room, imported: string): boolean {
  if (from.may === ANYTHING) return true
  if (isBuiltin(imported)) return from.may.includes('node:') || from.may.includes(imported)
  if (imported.startsWith('@hufu/')) return from.may.includes(imported) // `wechat/words` is not all of `wechat`
  if (!imported.startsWith('packages/')) return from.may.some((name) => `${imported}/`.startsWith(`${name}/`))
  const { at } = roomOf(imported)
  return at === from.at || from.may.includes(at)
}

test('no file imports from a room that its own may not know', () => {
  assert.ok(files.length > 100, `only ${files.length} files were found`)
  const crossed = files.flatMap((file) => {
    const room = roomOf(file)
    return importsOf(file)
      .filter((imported) => !isAllowed(room, imported))
      .map((imported) => `${file} → ${imported}`)
  })
  assert.deepEqual(crossed, [])
})

test('nothing but the process and the tests imports what stands on top', () => {
  const top = ['main.ts', 'compose.ts', 'index.ts', 'create-hufu.ts'].map((name) => `packages/server/src/${name}`)
  const importers = files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => top.includes(imported) && roomOf(file).may !== ANYTHING)
      .map((imported) => `${file} → ${imported}`),
  )
  assert.deepEqual(importers, [])
})

test('no file of the simulator knows a word of ours, so that it can disagree with us', () => {
  const known = files
    .filter((file) => file.startsWith('packages/simulator/'))
    .flatMap((file) => importsOf(file).filter((name) => name.startsWith('@hufu/') || name.includes('/server/')))
  assert.deepEqual(known, [])
})

test('no imports go round in a circle', () => {
  const edges = new Map(files.map((file) => [file, importsOf(file).filter((name) => name.startsWith('packages/'))]))
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' → ')]
    if (done.has(file)) return []
    const circles = (edges.get(file) ?? []).flatMap((next) => visit(next, [...path, file]))
    done.add(file)
    return circles
  }
  assert.deepEqual(
    files.flatMap((file) => visit(file, [])),
    [],
  )
})

test('every import of our own files ends in the name of a file that is there', () => {
  const missing = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('packages/') && !files.includes(name) && !name.endsWith('.json'))
      .map((name) => `${file} → ${name}`),
  )
  assert.deepEqual(missing, [])
})
