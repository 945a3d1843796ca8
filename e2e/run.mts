// `npm run test:e2e`: the examples through WeChat's own compilers and through uni-app and Taro, and what comes out on a
// phone in Chromium. Installs the heavy tools first, says what it is doing, and fails when any of them cannot run.
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from '../scripts/chromium.mts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..')
const work = join(here, '.work')
const windows = process.platform === 'win32'

const say = (words: string) => process.stdout.write(`[e2e] ${words}\n`)

/** Runs a command to its end, with a sign of life every half minute. Returns whether it succeeded. */
async function run(command: string, words: string[], cwd = root): Promise<boolean> {
  const began = Date.now()
  const child = spawn(command, words, { cwd, stdio: 'inherit', shell: windows })
  const sign = setInterval(() => say(`… ${Math.round((Date.now() - began) / 1000)} s`), 30_000)
  const code = await new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(1))
  })
  clearInterval(sign)
  return code === 0
}

function fail(words: string): never {
  process.stderr.write(`[e2e] FAILED: ${words}\n`)
  process.exit(1)
}

const lockfile = join(here, 'package-lock.json')
const installed = join(here, 'node_modules', '.package-lock.json')
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  say('1/4 installing the official compilers, uni-app and Taro (0.8 GB, about four minutes the first time)')
  const install = () => run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], here)
  if (!(await install()) && !(await install())) fail('npm ci in e2e/')
} else say('1/4 the official compilers, uni-app and Taro are installed')

say('2/4 building and packing the SDK as it is published')
rmSync(work, { recursive: true, force: true })
mkdirSync(work)
if (!(await run(process.execPath, ['packages/miniprogram/build.mjs']))) fail('the build of packages/miniprogram')
const packed = ['pack', '--silent', '--pack-destination', work]
if (!(await run('npm', packed, join(root, 'packages/miniprogram')))) fail('npm pack of packages/miniprogram')

say('3/4 looking for Chromium')
if (!ensureChromium()) fail('there is no Chromium here, and without one nothing can be shown to run')

say('4/4 compiling the examples and running them')
const tests = globSync('*.test.ts', { cwd: here }).map((name) => join(here, name))
const flags = ['-C', 'source', '--test', '--test-concurrency=2', '--test-reporter=spec']
if (!(await run(process.execPath, [...flags, ...tests]))) fail('see the tests above')
