import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipped, problemsOf } from './check.mts'
import { compile, type Entry, entries, root, shrink, toCommonJs } from './compile.mts'

/** Bytes after minifying and gzip, as the README promises them. */
export const limits: Partial<Record<Entry, number>> = { index: 5 * 1024, core: 3.5 * 1024 }

/** Declarations that the entries share; they have no code of their own to import. */
const sharedTypes = ['types', 'is-hufu-error']

/** Bytes of an entry after minifying and gzip. */
export const sizeOf = async (commonJs: string): Promise<number> => gzipped(await shrink(commonJs))

/**
 * Writes the package as it is published: ES5 CommonJS and types in `miniprogram_dist`, which WeChat's tools copy as it
 * is, and ES modules with theirs in `dist`, for bundlers.
 *
 * @param into the folder of the package
 * @throws {Error} when an entry is too large, or holds anything that an old engine does not know
 */
export async function emit(into: string = root): Promise<void> {
  const declarations = declare()
  const native = join(into, 'miniprogram_dist')
  const modules = join(into, 'dist')
  rmSync(native, { recursive: true, force: true })
  mkdirSync(native, { recursive: true })
  mkdirSync(modules, { recursive: true })

  const wrong: string[] = []
  for (const entry of entries) {
    const esm = await compile(entry)
    const commonJs = toCommonJs(esm)
    const size = await sizeOf(commonJs)
    const limit = limits[entry]
    const problems = [
      ...problemsOf(commonJs),
      ...(limit && size > limit ? [`${size} bytes, and ${limit} allowed`] : []),
    ]
    wrong.push(...problems.map((problem) => `${entry}: ${problem}`))
    process.stdout.write(`@hufu/miniprogram ${entry}: ${size} bytes min+gzip${limit ? ` of ${limit}` : ''}\n`)

    writeFileSync(join(native, `${entry}.js`), commonJs)
    writeFileSync(join(modules, `${entry}.mjs`), esm)
    writeTypes(entry, declarations[entry] ?? '')
  }
  for (const shared of sharedTypes) writeTypes(shared, declarations[shared] ?? '')
  if (wrong.length > 0) throw new Error(wrong.join('\n'))

  function writeTypes(name: string, text: string) {
    // `export type *` would ask for TypeScript 5, and a `.ts` in an import for a setting of the reader's.
    const plain = text.replaceAll('export type * from', 'export * from')
    writeFileSync(join(native, `${name}.d.ts`), plain.replaceAll(".ts'", "'"))
    writeFileSync(join(modules, `${name}.d.mts`), plain.replaceAll(".ts'", ".mjs'"))
  }
}

/** The public declarations, written by TypeScript. Each refers to the shared ones and to nothing else. */
function declare(): Record<string, string> {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const done = spawnSync(process.execPath, [tsc, '-b', root], { stdio: 'inherit' })
  if (done.status !== 0) throw new Error('the types of @hufu/miniprogram do not compile')
  return Object.fromEntries(
    [...entries, ...sharedTypes].map((name) => {
      const text = readFileSync(join(root, 'dist', 'types', `${name}.d.ts`), 'utf8')
      return [name, text]
    }),
  )
}
