import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))

/** Nobody begins with these: they are for a clone that has run `npm start` or `npm test`. */
const AFTERWARDS = ['hufu', 'check', 'format']

test('a task sets a fresh clone up first, before its shell has found the Node of the machine and keeps to it', () => {
  const { scripts } = read('package.json') as { scripts: Record<string, string> }
  const { setup, ...tasks } = scripts
  assert.equal(setup, 'node scripts/setup.mjs')
  const named = (line: string) => /^npm (?:run -s )?([\w:]+) (?:&&|--) /.exec(line)?.[1] ?? ''
  const setsUp = (line: string): boolean =>
    named(line) === 'setup' || (named(line) in tasks && setsUp(tasks[named(line)] ?? ''))
  const without = Object.keys(tasks).filter((name) => !setsUp(tasks[name] ?? ''))
  assert.deepEqual(without, AFTERWARDS)
})

test('the lockfile holds a build for every platform, and names no registry', () => {
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> }>
  }
  const paths = Object.keys(packages)
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))
  assert.deepEqual(missing, [])
  assert.deepEqual(
    Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && !link),
    [],
  )
})
