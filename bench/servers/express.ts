import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, Program, repository } from './program.ts'

const folder = join(repository, 'bench', 'peers')

/** What people write today. Its packages are installed when they are first needed. */
export async function startExpress({ folder: data, upstream }: { folder: string; upstream: string }): Promise<Program> {
  install()
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  const args = ['bench/peers/express.mjs', url.port, join(data, 'express.db'), upstream]
  return Program.start({ name: 'express', args, env: {}, url, ready: '/' })
}

function install(): void {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs)
    return
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) throw new Error('npm ci in bench/peers failed: see its message above')
}
