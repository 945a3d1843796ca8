import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './program.ts'

/**
 * Lays the server out as npm would install it: the files it publishes, nothing else beside them. Resolves to the command.
 */
export function publish(scratch: string): string {
  const from = join(repository, 'packages', 'server')
  const to = join(scratch, 'published', 'hufu')
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  for (const name of [...files, 'package.json']) cpSync(join(from, name), join(to, name), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), join(scratch, 'node_modules'), 'junction')
  return join(to, 'bin', 'hufu.js')
}
