#!/usr/bin/env node
// The compiled command where there is one, otherwise (inside the repository) the sources as they are. What runs it takes
// its place, or hears every signal that comes here and hands back its exit code: nobody who stops this stops half of it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const source = pathOf('../src/main.ts')
const isRepository = existsSync(source)
const node = nodeToRunOn()
const main = isRepository ? ['-C', 'source', source] : [pathOf('../dist/main.js')]
// Left alone, V8 lets the space for young objects grow to 128 MiB under load, and the one for old objects to several times
// what lives in it; and every thread gets memory from the C library that no other uses again. Nothing is faster for it.
const args = ['--max-semi-space-size=16', '--heap-growing-percent=70', ...main, ...process.argv.slice(2)]
const env = { MALLOC_ARENA_MAX: '2', ...process.env }
if (process.execve) process.execve(node, [node, ...args], env)
else runBeside()

/** This one; inside the repository, where this one is too old, the one that `npm ci` brought along. */
function nodeToRunOn() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 15)) return process.execPath
  const own = pathOf('../../../node_modules/.bin/node')
  if (isRepository && existsSync(own)) return own
  process.stderr.write(`Hufu needs Node 24.15 or later; this is ${process.version}. · 需要 Node 24.15 或更高版本。\n`)
  process.exit(1)
}

/** Where a process cannot put another in its place: Windows, and the older Node of a machine. */
function runBeside() {
  const child = spawn(node, args, { stdio: 'inherit', env })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK']) {
    if (signal in constants.signals) process.on(signal, () => child.kill(signal))
  }
  child.on('error', ({ message }) => {
    process.stderr.write(`Hufu cannot be started: ${message} · 无法启动\n`)
    process.exit(1)
  })
  // As a shell says it: 128 and the signal's number.
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
