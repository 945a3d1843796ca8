import { execFileSync, fork, spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const work = join(here, '.work')

/** Where the heavy tools are. */
export const tools = join(here, 'node_modules')

/** A copy of an example among the tools, with the packed SDK installed as npm would install it. */
export function workshop(example: string): string {
  const folder = join(work, example)
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(here, '../examples', example), folder, {
    recursive: true,
    filter: (path) => !/[\\/](miniprogram_npm|node_modules|dist)$/.test(path),
  })
  const [tarball] = globSync('hufu-miniprogram-*.tgz', { cwd: work })
  if (!tarball) throw new Error('the SDK is not packed: run `npm run test:e2e`, which does that first')
  const target = join(folder, 'node_modules/@hufu/miniprogram')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(work, tarball), '-C', target, '--strip-components=1'])
  return folder
}

/** Runs a tool of e2e/node_modules to its end. @throws with all that it printed when it fails */
export function runTool(script: string, words: string[], cwd: string): void {
  const done = spawnSync(process.execPath, [script, ...words], {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', CI: '1' },
  })
  if (done.status !== 0) {
    throw new Error(`${script} ended with ${done.status ?? done.signal ?? done.error}:\n${done.stdout}\n${done.stderr}`)
  }
}

/** Runs a script that reports by one message. */
export function ask(script: string, words: string[]): Promise<unknown> {
  const child = fork(script, words, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code} and said nothing`)))
  })
}
