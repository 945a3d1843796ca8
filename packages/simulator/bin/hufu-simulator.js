#!/usr/bin/env node
// Published, this runs what was compiled. Inside the repository it runs the source, with the repository's own Node when
// the one that started us cannot read TypeScript.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => new URL(path, import.meta.url)
const compiled = at('../dist/cli.js')

if (existsSync(compiled) || process.features.typescript) {
  const { main } = await import(existsSync(compiled) ? compiled : at('../src/cli.ts'))
  await main(process.argv.slice(2))
} else {
  const node = fileURLToPath(at('../../../node_modules/.bin/node'))
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    console.error('The source needs Node 22.18 or later: run npm install in the repository, or npm run build.')
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
