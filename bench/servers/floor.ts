import { join } from 'node:path'
import { freePort, Program } from './program.ts'

/** The least that a login can be, on a database with the same rows. */
export async function startFloor({ folder, upstream }: { folder: string; upstream: string }): Promise<Program> {
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  const args = ['bench/floor/server.ts', url.port, join(folder, 'hufu.db'), upstream]
  return Program.start({ name: 'floor', args, env: {}, url, ready: '/' })
}
