import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, repositoryFiles } from './repository-files.ts'

const sources = repositoryFiles('.ts', '.mts', '.cts', '.mjs', '.cjs', '.js', '.sql')
const files = [...sources, ...repositoryFiles('.md')]
/** This file names ids only to say how they look. */
const here = 'test/citations.test.ts'
const isTest = (file: string): boolean => /\.(test|conformance)\.ts$|(^|\/)test\//.test(file)

/** Each line with where it stands. */
const linesOf = (file: string): { line: string; at: string }[] =>
  read(file)
    .split('\n')
    .map((line, index) => ({ line, at: `${file}:${index + 1}` }))

/** `T07`, `I4`, and all of `T18–T20`, each with the line it stands on. */
function idsIn(file: string, letter: 'T' | 'I'): { id: string; at: string }[] {
  const range = new RegExp(`\\b${letter}(\\d{1,2})\\b(?:(?:–| to )${letter}(\\d{1,2})\\b)?`, 'g')
  return linesOf(file).flatMap(({ line, at }) =>
    [...line.matchAll(range)].flatMap(([, first = '', last = first]) =>
      Array.from({ length: Number(last) - Number(first) + 1 }, (_, more) => ({
        id: letter + String(Number(first) + more).padStart(first.length, '0'),
        at,
      })),
    ),
  )
}

/** What the tables of a document define: its rows by the id they begin with. */
function defined(document: string, letter: 'T' | 'I'): Map<string, string> {
  const rows = read(document).matchAll(new RegExp(`^\\| (${letter}\\d+) \\|(.*)$`, 'gm'))
  return new Map([...rows].map(([, id = '', rest = '']) => [id, rest]))
}

const homes = [
  { letter: 'T', document: 'docs/threats.md' },
  { letter: 'I', document: 'docs/identity.md' },
] as const

for (const { letter, document } of homes) {
  test(`every ${letter}… that is cited anywhere stands in ${document}`, () => {
    const known = defined(document, letter)
    const cited = files.flatMap((file) => idsIn(file, letter))
    assert.ok(cited.length > 40, `only ${cited.length} were found`)
    assert.deepEqual(
      cited.filter(({ id }) => !known.has(id)).map(({ id, at }) => `${id} in ${at}`),
      [],
    )
  })
}

test('threats are numbered without a gap, and both languages know the same invariants', () => {
  const numbered = (letter: string, count: number, width: number): string[] =>
    Array.from({ length: count }, (_, index) => letter + String(index + 1).padStart(width, '0'))
  assert.deepEqual([...defined('docs/threats.md', 'T').keys()], numbered('T', 40, 2))
  assert.deepEqual([...defined('docs/identity.md', 'I').keys()], numbered('I', 10, 1))
  assert.deepEqual([...defined('docs/identity.zh-CN.md', 'I').keys()], numbered('I', 10, 1))
})

test('every threat that Hufu says it answers has a test that names it, and only those', () => {
  const proven = new Set(
    sources.filter((file) => isTest(file) && file !== here).flatMap((file) => idsIn(file, 'T').map(({ id }) => id)),
  )
  for (const [id, rest] of defined('docs/threats.md', 'T')) {
    assert.equal(proven.has(id), !rest.includes('*Not offered yet*'), id)
  }
})

test('no source and no document speaks of a finding by a letter of its own', () => {
  const letters = files
    .filter((file) => !isTest(file))
    .flatMap(linesOf)
    .filter(({ line }) => /(?<![\w./-])[A-G]\d{1,2}(?![\w-])/.test(line))
  assert.deepEqual(
    letters.map(({ line, at }) => `${at} ${line.trim()}`),
    [],
  )
})

test('every document that a source names is in the repository', () => {
  const known = repositoryFiles('.md')
  const cited = sources
    .filter((file) => file !== here)
    .flatMap(linesOf)
    .flatMap(({ line, at }) => [...line.matchAll(/(?<![\w*./-])\w[\w./-]*\.md\b/g)].map(([name]) => ({ name, at })))
  assert.ok(cited.some(({ name }) => name === 'docs/identity.md'))
  assert.deepEqual(
    cited.filter(({ name }) => !known.some((file) => `/${file}`.endsWith(`/${name}`))),
    [],
  )
})

test('a section is cited of a public standard only, and no source speaks of a design that nobody can read', () => {
  const wrong = files
    .filter((file) => file !== here)
    .flatMap(linesOf)
    .filter(
      ({ line }) =>
        /(?<!RFC \d{3,5} )§/.test(line) ||
        /\bthe design\b|\bthreat model\b|\bhouse rules\b|\bstyle guide\b/i.test(line),
    )
  assert.deepEqual(
    wrong.map(({ line, at }) => `${at} ${line.trim()}`),
    [],
  )
})
