// `npm test`: format and lint, types, then every *.test.ts. `--deep` runs the long counts. Further words are test
// files or folders to run instead of all: `npm test -- packages/wechat`.
import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureChromium, noChromium } from './chromium.mts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const words = process.argv.slice(2)
const deep = words.includes('--deep')
const paths = words.filter((word) => !word.startsWith('--'))

const run = (command, args, env = {}) => {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
const bin = (name) => join(root, 'node_modules', '.bin', name)
const testsIn = (path) =>
  statSync(join(root, path)).isDirectory()
    ? globSync(`${path}/**/*.test.ts`, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
    : [path]

if (paths.length === 0) {
  run(bin('biome'), ['check', '.'])
  run(bin('tsc'), ['-p', 'tsconfig.json'])
}
const files = (paths.length > 0 ? paths : ['packages', 'test', 'examples']).flatMap(testsIn).sort()
const withoutChromium = files.some((file) => /test[\\/]runtime/.test(file)) && !ensureChromium()
if (withoutChromium) process.stderr.write(noChromium)
// A test that hangs ends by itself; the long counts may take an hour.
const patience = `--test-timeout=${deep ? 3_600_000 : 600_000}`
run(process.execPath, ['-C', 'source', '--test', '--test-concurrency=2', patience, '--test-reporter=spec', ...files], {
  ...(deep ? { HUFU_TEST_DEEP: '1' } : {}),
})
if (withoutChromium) process.stderr.write(noChromium)
