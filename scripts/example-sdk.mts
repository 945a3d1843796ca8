// Puts the SDK of this repository into the example mini program, where WeChat DevTools would put it by 构建 npm, so that
// the folder can be opened as it is. Does nothing while the copy is newer than the sources.
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'examples/miniprogram/miniprogram_npm/@hufu/miniprogram')
const copy = join(folder, 'index.js')
const sources = globSync('packages/miniprogram/{src,build}/*.{ts,mts}', { cwd: root })
const newest = Math.max(...sources.map((source) => statSync(join(root, source)).mtimeMs))

if (!existsSync(copy) || statSync(copy).mtimeMs < newest) {
  try {
    // Loaded only when needed: the compilers take longer to load than to run.
    const { compile, entries, toCommonJs } = await import('../packages/miniprogram/build/compile.mts')
    mkdirSync(folder, { recursive: true })
    for (const entry of entries) writeFileSync(join(folder, `${entry}.js`), toCommonJs(await compile(entry)))
  } catch (error) {
    // The server does not need it: only the example does.
    process.stderr.write(`The example mini program is without its SDK: ${(error as Error).message}\n`)
  }
}
