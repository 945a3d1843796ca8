import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { faults } from '../src/index.ts'

test('the README lists every fault as it is', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ')
  const rows = Object.entries(faults).map(
    ([name, { about, redeems }]) => `| \`${name}\` | ${about} | ${redeems ? 'yes' : 'no'} |`,
  )
  assert.deepEqual(
    rows.filter((row) => !readme.includes(row)),
    [],
  )
})
