import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Lays the server out as npm would install it: the files it publishes, nothing else beside them.
 *
 * @param tree a work tree of the repository, compiled
 * @param into an empty folder, or one to be made
 * @returns the command
 */
export function publish(tree: string, into: string): string {
  const from = join(tree, 'packages', 'server')
  const to = join(into, 'hufu')
  mkdirSync(to, { recursive: true })
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  for (const name of [...files, 'package.json']) cpSync(join(from, name), join(to, name), { recursive: true })
  symlinkSync(join(tree, 'node_modules'), join(into, 'node_modules'), 'junction')
  return join(to, 'bin', 'hufu.js')
}
