import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hiddenTypes, type PublicSymbol, publicEntries, publicSymbols } from './public-symbols.ts'

test('every exported symbol, and every member of an exported type, has a docstring', () => {
  const entries = publicEntries()
  assert.ok(entries.length >= 10, `only ${entries.length} entries were found`)
  const symbols = new Map<string, PublicSymbol>(entries.flatMap(publicSymbols).map((one) => [one.where, one]))
  assert.ok(symbols.size > 450, `only ${symbols.size} symbols were found`)
  const bare = [...symbols.values()].filter(({ hasDocstring }) => !hasDocstring).map(({ where }) => where)
  assert.deepEqual(bare, [])
})

/** The brand of our ids: whoever could name it could make one without a check. */
const NOT_TO_BE_NAMED = / shows Id$/

test('every entry exports the types that it shows', () => {
  const hidden = publicEntries().flatMap(hiddenTypes)
  assert.deepEqual(
    hidden.filter((one) => !NOT_TO_BE_NAMED.test(one)),
    [],
  )
})

const ENTRY = `export type * from './types.ts'
export { Box as Chest, hidden as shown, /* not */ type Alias } from './box.ts'
import { far } from './far.ts'
export { far, near }
function near() {}
function unseen() {}
export const bare = 1
/** Said. */
export const said = 2
// Not for editors.
export const aside = 3
/* Nor this. */
export class Thing {
  readonly #own = 1
  override readonly name = 'x'
  loud = 1
  /** Said. */
  quiet(): void {
    this.loud = 2
  }
  async speak<T>(what: T): Promise<T> {
    return what
  }
  private mine(): void {}
}
`
const FILES: Record<string, string> = {
  'entry.ts': ENTRY,
  'types.ts': `/** Said. */
export interface Shape {
  bare: string
  /**
   * Said at length: with a colon.
   */
  said?: number
  call(inner: Inner, union?: Union): void
  readonly [name: string]: unknown
}
interface Inner {
  bare: string
}
export type Union = 'a' | 'b'
/** Said. */
export type Literal = {
  inside: {
    deeper: string
  }
  /** Said. */
  done: true
}
`,
  'box.ts': `export class Box {}
export const hidden = 1
/** Said. */
export type Alias = string
export const other = 1
`,
  'far.ts': 'export const far = 1\nexport const further = 2\n',
}

test('the reader of the sources finds what has no docstring, behind every kind of re-export', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  const symbols = publicSymbols(join(folder, 'entry.ts'))
  const named = (has: boolean) =>
    symbols
      .filter(({ hasDocstring }) => hasDocstring === has)
      .map(({ where }) => where.replace(/^.*?: /, ''))
      .sort()
  const bare = ['Box', 'Literal.inside', 'Shape.[name: string]', 'Shape.bare', 'Shape.call', 'Thing', 'Thing.loud']
  assert.deepEqual(named(false), [...bare, 'Thing.speak', 'Union', 'aside', 'bare', 'far', 'hidden', 'near'])
  assert.deepEqual(named(true), ['Alias', 'Literal', 'Literal.done', 'Shape', 'Shape.said', 'Thing.quiet', 'said'])
  assert.deepEqual(
    hiddenTypes(join(folder, 'entry.ts')).map((one) => one.replace(/^.*?: /, '')),
    ['Shape shows Inner'],
  )
})
