import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../say.ts'
import { freePort, Program, repository } from './program.ts'

const folder = join(repository, 'bench', 'peers')

export type Peer = 'tutorial' | 'easywechat' | 'better-auth' | 'wafer'

export interface PeerOptions {
  peer: Peer
  /** Where its database is made. */
  scratch: string
  upstream: string
  /** People whom it has seen before. */
  stored: number
}

/** What others have. Its packages are installed when they are first needed; their install scripts are not run. */
export async function startPeer({ peer, scratch, upstream, stored }: PeerOptions): Promise<Program> {
  install()
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  const args = [`bench/peers/${peer}.mjs`, url.port, join(scratch, `${peer}.db`), upstream, String(stored)]
  return Program.start({ name: peer, args, env: {}, url, ready: '/' })
}

function install(): void {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  const lockfile = join(folder, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  say('installing what Hufu is measured against (40 MB, once)')
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) throw new Error('npm ci in bench/peers failed: see its message above')
}
