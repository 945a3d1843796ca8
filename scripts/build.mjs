// Compiles every package into its dist folder, as it is published. The client SDK has a step of its own: what runs in a
// mini program is ES5, which tsc no longer writes, and has a size to keep.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const projects = readdirSync(join(root, 'packages'))
  .map((name) => join('packages', name))
  .filter((folder) => existsSync(join(root, folder, 'tsconfig.json')))
const run = (command, args) => {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
run(join(root, 'node_modules', '.bin', 'tsc'), ['-b', ...projects])
run(process.execPath, [join('packages', 'miniprogram', 'build.mjs')])
