#!/usr/bin/env node
// The compiled command where there is one, otherwise (inside the repository) the sources as they are.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`Hufu needs Node 24.15 or later; this is ${process.version}. · 需要 Node 24.15 或更高版本。\n`)
  process.exit(1)
}
const compiled = new URL('../dist/main.js', import.meta.url)
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
if (!existsSync(source)) await import(compiled.href)
else if (process.execve)
  process.execve(process.execPath, [process.execPath, '-C', 'source', source, ...process.argv.slice(2)], process.env)
else {
  const { spawnSync } = await import('node:child_process')
  const done = spawnSync(process.execPath, ['-C', 'source', source, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(done.status ?? 1)
}
