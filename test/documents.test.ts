import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import { snippetsOf } from './readme/snippets.ts'
import { read, repositoryFiles, root } from './repository-files.ts'

const pages = repositoryFiles('.md')

/** A page without its fenced blocks, which hold no links; with nothing but line breaks in their place. */
const prose = (page: string): string =>
  read(page).replace(/^ *```.*?^ *```$/gms, (block) => block.replace(/[^\n]/g, ''))

interface Link {
  page: string
  /** As it is written. */
  target: string
  /** Named from the root; the page itself for `#anchor`. */
  file: string
  anchor: string | undefined
}

const linksOf = (page: string): Link[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return []
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : posix.join(posix.dirname(page), decodeURI(path))
    return [{ page, target, file: file.replace(/\/$/, ''), anchor }]
  })

/** The anchors that a page offers: those of its headings, as code hosts make them, and those it sets by itself. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>()
  const headings = [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  })
  return new Set([...headings, ...[...prose(page).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)])
}

const isFile = (path: string): boolean => existsSync(join(root, path)) && statSync(join(root, path)).isFile()

test('every link of every document leads somewhere, its anchor too', () => {
  const links = pages.flatMap(linksOf)
  assert.ok(links.length > 80, `only ${links.length} links were found`)
  const dead = links.filter(({ file, anchor }) => {
    if (file.startsWith('..') || !existsSync(join(root, file))) return true
    return anchor !== undefined && !(isFile(file) && anchorsOf(file).has(decodeURI(anchor)))
  })
  assert.deepEqual(
    dead.map(({ page, target }) => `${page}: ${target}`),
    [],
  )
})

/** Where a path in a document may begin: at the root, beside the page, or in the rooms of the server. */
const beginnings = (page: string): string[] => ['.', posix.dirname(page), 'packages', 'packages/server/src']
const PATH =
  /^(?:packages|docs|examples|test|bench|scripts|e2e|contract|server|domain|ports|usecases|http|adapters|command|runtime|config)\/[\w@./<>*{},-]*$/

/** As much of a path as is said: of `adapters/sql/rows/<what>.ts` the folder. */
const fixedPart = (path: string): string =>
  /[<*{]/.test(path) ? path.replace(/[<*{].*$/, '').replace(/[^/]*$/, '') : path

test('every path that a document names is there', () => {
  const named = pages.flatMap((page) =>
    [...prose(page).matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => (PATH.test(text) ? [{ page, text }] : [])),
  )
  assert.ok(named.length > 20, `only ${named.length} paths were found`)
  const missing = named.filter(
    ({ page, text }) => !beginnings(page).some((folder) => existsSync(join(root, folder, fixedPart(text)))),
  )
  assert.deepEqual(
    missing.map(({ page, text }) => `${page}: ${text}`),
    [],
  )
})

/** What both languages of a page must share. Rows are counted by their cells, links named without their language. */
function shapeOf(page: string) {
  const lines = prose(page).split('\n')
  const plain = (file: string): string => file.replace('.zh-CN.md', '.md')
  return {
    headings: lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/[^#].*/, '')),
    rows: lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').length),
    bullets: lines.filter((line) => /^ *(-|\d+\.) /.test(line)).length,
    links: [...new Set(linksOf(page).map(({ file }) => plain(file)))].sort(),
    code: snippetsOf(join(root, page)),
  }
}

const translated = pages.filter((page) => page.endsWith('.zh-CN.md'))
const englishOf = (page: string): string => page.replace('.zh-CN.md', '.md')

for (const page of translated) {
  test(`${page} says as much as ${englishOf(page)}: the same headings, rows, points, links and code`, () => {
    const english = shapeOf(englishOf(page))
    assert.deepEqual(shapeOf(page), english)
    assert.ok(english.headings.length > 0)
  })
}

test('a page in two languages links the pages of its own language', () => {
  const both = new Set([...translated, ...translated.map(englishOf)])
  const strayed = [...both].flatMap((page) => {
    const isChinese = page.endsWith('.zh-CN.md')
    const other = isChinese ? englishOf(page) : page.replace(/\.md$/, '.zh-CN.md')
    return linksOf(page).filter(
      ({ file }) => file !== page && file !== other && both.has(file) && file.endsWith('.zh-CN.md') !== isChinese,
    )
  })
  assert.deepEqual(
    strayed.map(({ page, target }) => `${page}: ${target}`),
    [],
  )
})

test('every document is linked by another', () => {
  const linked = new Set(
    pages.flatMap((page) => linksOf(page).filter(({ file }) => file !== page)).map(({ file }) => file),
  )
  const lonely = pages.filter((page) => page.startsWith('docs/') && !linked.has(page))
  const index = lonely.filter((page) => !linked.has(posix.dirname(page)))
  assert.deepEqual(index, [])
})

test('the glossary stays short enough to be read', () => {
  assert.ok(read('docs/words.md').trimEnd().split('\n').length <= 40)
})
