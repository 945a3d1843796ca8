// Compiles every package into its dist folder, as it is published.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const projects = readdirSync(join(root, 'packages'))
  .map((name) => join('packages', name))
  .filter((folder) => existsSync(join(root, folder, 'tsconfig.json')))
const done = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-b', ...projects], { cwd: root, stdio: 'inherit' })
process.exit(done.status ?? 1)
