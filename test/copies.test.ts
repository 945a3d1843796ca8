import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ProblemCode } from '@hufu/contract'
import { PROBLEMS } from '@hufu/contract/data'
import { statuses } from '../packages/cloud/src/problem-codes.ts'
import { problemMeanings } from '../packages/miniprogram/src/problem-meanings.ts'
import { copies } from '../scripts/copies.mts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const codes = Object.keys(PROBLEMS) as ProblemCode[]

for (const [file, text] of Object.entries(copies)) {
  test(`${file} is what the contract says now; after a change run: npm run copies`, () => {
    assert.equal(readFileSync(join(root, file), 'utf8'), text)
  })
}

test('the cloud function and the client know every code, with the status and the meaning of the contract', () => {
  assert.deepEqual({ ...statuses }, Object.fromEntries(codes.map((code) => [code, PROBLEMS[code].status])))
  assert.deepEqual(problemMeanings, Object.fromEntries(codes.map((code) => [code, PROBLEMS[code].meaning.zh])))
})

/** Rows of tables that begin with a code: the codes of a row, and what its second cell says. */
function errorRows(document: string): { codes: string[]; status: string }[] {
  return document
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([before, first = '']) => before === '' && /^(`[a-z]+_?[a-z_]*`[,、 ]*)+$/.test(first))
    .map(([, first = '', status = '']) => ({
      codes: [...first.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
      status,
    }))
    .filter(({ status }) => /^\d{3}([、, ]+\d{3})*$/.test(status))
}

test('every table of errors in a document names codes that there are, with the statuses they have', () => {
  const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md'], {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  })
  let rows = 0
  for (const file of documents) {
    for (const row of errorRows(readFileSync(join(root, file), 'utf8'))) {
      const real = row.codes.map((code) => PROBLEMS[code as ProblemCode]?.status ?? assert.fail(`${file}: ${code}`))
      const told = row.status.match(/\d{3}/g)?.map(Number) ?? []
      assert.deepEqual([...new Set(told)].sort(), [...new Set(real)].sort(), `${file}: ${row.codes.join(', ')}`)
      rows += 1
    }
  }
  assert.ok(rows >= 2 * codes.length, `only ${rows} rows were found`)
})
