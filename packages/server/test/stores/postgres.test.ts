import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { openEmptyPostgres } from './postgres.ts'

test('T38 a PostgreSQL that may forget what it committed is refused', async (t) => {
  const database = await openEmptyPostgres()
  t.after(database.drop)
  const name = new URL(database.url).pathname.slice(1)
  await database.select(`ALTER DATABASE ${name} SET synchronous_commit = off`)
  await assert.rejects(openPostgresStore(database.url), {
    code: 'server_misconfigured',
    message: /synchronous_commit/,
  })
  await database.select(`ALTER DATABASE ${name} SET synchronous_commit = on`)
  const store = await openPostgresStore(database.url)
  await store.upkeep.ping()
  await store.upkeep.close()
})

test('a PostgreSQL database that holds tables of something else is left alone', async (t) => {
  const database = await openEmptyPostgres()
  t.after(database.drop)
  await database.select('CREATE TABLE users (name text)')
  await assert.rejects(openPostgresStore(database.url), {
    code: 'server_misconfigured',
    message: /a database of its own/,
  })
  assert.deepEqual(await database.select("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"), [
    { relname: 'users' },
  ])
})

test('what keeps PostgreSQL from opening is said, without the password', async (t) => {
  const database = await openEmptyPostgres()
  t.after(database.drop)
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url)
    url.password = 'not-the-password'
    change(url)
    return url.href
  }
  const cases: [string, RegExp][] = [
    [changed(() => undefined), /does not open: password authentication failed/],
    [changed((url) => (url.port = '1')), /does not open: connect ECONNREFUSED/],
    ['postgres://hufu:not-the-password@[bad/x', /address cannot be read/],
  ]
  for (const [url, why] of cases) {
    const refusal = await openPostgresStore(url).then(
      () => assert.fail('it opened'),
      (error: Error) => error,
    )
    assert.equal((refusal as { code?: string }).code, 'server_misconfigured')
    assert.match(refusal.message, why)
    assert.doesNotMatch(inspect(refusal, { depth: 9 }), /not-the-password/)
  }
})
