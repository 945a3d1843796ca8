import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { sqliteError } from './trouble.ts'

function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-trouble-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const db = new DatabaseSync(join(folder, 'some.db'))
  db.exec('CREATE TABLE some (content UNIQUE)')
  db.close()
  return join(folder, 'some.db')
}

const open = (t: TestContext, file: string, options = {}): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: 0, ...options })
  t.after(() => db.close())
  return db
}

const thrownBy = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return assert.fail('it worked')
}

const INSERT = 'INSERT INTO some VALUES (randomblob(100000))'

const TROUBLES: Record<string, (t: TestContext, file: string) => unknown> = {
  'is full': (t, file) => {
    const db = open(t, file)
    db.exec('PRAGMA max_page_count = 3')
    return db.exec(INSERT)
  },
  'can only be read': (t, file) => open(t, file, { readOnly: true }).exec(INSERT),
  'is held by another writer': (t, file) => {
    open(t, file).exec('BEGIN IMMEDIATE')
    return open(t, file).exec(INSERT)
  },
  'cannot be opened': (_, file) => new DatabaseSync(join(file, 'no', 'such', 'folder.db')),
}

for (const [what, work] of Object.entries(TROUBLES)) {
  test(`C7 a database that ${what} is unavailable, and its words go to the operator`, (t) => {
    const thrown = thrownBy(() => work(t, newFile(t)))
    const { code, retryAfter, message, cause } = sqliteError(thrown) as Record<string, unknown>
    assert.deepEqual([code, retryAfter, cause], ['unavailable', 1, thrown])
    assert.ok(!String(message).includes((thrown as Error).message))
  })
}

const FAULTS = ['SELECT * FROM nothing', 'SELEC', "INSERT INTO some VALUES ('a'), ('a')"]
for (const sql of FAULTS) {
  test(`C7 a fault of ours stays one: ${sql}`, (t) => {
    const db = open(t, newFile(t))
    const thrown = thrownBy(() => db.exec(sql))
    assert.equal(sqliteError(thrown), thrown)
  })
}
