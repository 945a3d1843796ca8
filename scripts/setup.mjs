// Makes a fresh clone ready: installs the dependencies when they are missing or older than the lockfile.
// Runs on the machine's own Node (>= 20), before anything is installed, so it uses nothing but Node itself.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lockfile = join(root, 'package-lock.json')
const installed = join(root, 'node_modules', '.package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  process.stderr.write('Installing dependencies (first run, about a minute) · 正在安装依赖（首次约一分钟）…\n')
  const windows = process.platform === 'win32'
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
  })
  if (done.status !== 0) {
    process.stderr.write('npm ci failed: see its message above. · 依赖安装失败，请看上面的信息。\n')
    process.exit(done.status ?? 1)
  }
}
