// Finds the Chromium that browser tests run in, and installs one where that is allowed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const usualPaths = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Said loudly, before the tests and after them. */
export const noChromium = `
!!! No Chromium: the mini program was NOT run in a browser. Install chromium, or name one in HUFU_TEST_CHROMIUM.
!!! 没有 Chromium：小程序没有在浏览器里运行。请安装 chromium，或用 HUFU_TEST_CHROMIUM 指明它在哪里。

`

/** Where Chromium is: what HUFU_TEST_CHROMIUM names (`none` for a run without), the system's, or Playwright's own. */
export function findChromium(): string | undefined {
  const named = process.env.HUFU_TEST_CHROMIUM
  if (named) return named === 'none' ? undefined : named
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...usualPaths, playwrightsOwn()].find((path) => path && existsSync(path))
}

/** The same, after trying to install one: as root on Debian and its kin with apt, elsewhere with Playwright. */
export function ensureChromium(): string | undefined {
  const found = findChromium()
  if (found || process.env.HUFU_TEST_CHROMIUM === 'none') return found
  process.stderr.write('Browser tests need Chromium; installing it · 浏览器测试需要 Chromium，正在安装…\n')
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (...words: string[]) =>
      spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
    if (apt('update', '-qq')) apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk')
  } else {
    const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js')
    spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'inherit', timeout: 300_000 })
  }
  return findChromium()
}

function playwrightsOwn(): string | undefined {
  try {
    return createRequire(import.meta.url)('playwright-core').chromium.executablePath()
  } catch {
    return undefined
  }
}
