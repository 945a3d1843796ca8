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
const source = new URL('../src/main.ts', import.meta.url)
const isRepository = existsSync(source)
const main = isRepository ? ['-C', 'source', fileURLToPath(source)] : [fileURLToPath(compiled)]
// Left alone, V8 lets the space for young objects grow to 128 MiB under load, and the one for old objects to several times
// what lives in it; and every thread gets memory from the C library that no other uses again. Nothing is faster for it.
const args = ['--max-semi-space-size=16', '--heap-growing-percent=70', ...main, ...process.argv.slice(2)]
if (process.execve)
  process.execve(process.execPath, [process.execPath, ...args], { MALLOC_ARENA_MAX: '2', ...process.env })
else if (!isRepository) await import(compiled.href)
else {
  const { spawnSync } = await import('node:child_process')
  const done = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.exit(done.status ?? 1)
}
