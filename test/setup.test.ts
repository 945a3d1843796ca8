import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))

test('every npm pre-script is the set-up alone, so that the script after it finds the Node that was set up', () => {
  const { scripts } = read('package.json') as { scripts: Record<string, string> }
  const before = Object.entries(scripts).filter(([name]) => name.startsWith('pre') && name.slice(3) in scripts)
  assert.ok(before.length >= 3)
  for (const [name, line] of before) assert.equal(line, 'node scripts/setup.mjs', name)
})

test('the lockfile holds a build for every platform, and names no registry', () => {
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> }>
  }
  const places = Object.keys(packages)
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !places.some((place) => place.endsWith(`node_modules/${name}`)))
  assert.deepEqual(missing, [])
  assert.deepEqual(
    Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && !link),
    [],
  )
})
