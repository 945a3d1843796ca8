import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { openPool } from '../../src/adapters/postgres/pool.ts'
import { ask } from '../../src/adapters/postgres/run-transaction.ts'
import { transactionAt } from '../../src/adapters/sql/store.ts'
import type { Order } from './dying-writer.ts'
import { type Change, changes, checkOwners, wholeContent } from './interrupted-changes.ts'
import { deep } from './rounds.ts'
import { DATABASE, inlineStore, newFolder, postgresStore } from './store-fixture.ts'

/** How many writers are at work, and dying, at a time. */
const AT_ONCE = 3

for (const [name, prepare] of Object.entries(changes)) {
  test(`T16 SQLite: given ${name}, killed at any statement, then the database is as before it or as after it`, async () => {
    const folder = newFolder()
    const made = await inlineStore(folder)
    const change = await prepare(made.store)
    const original = newFolder()
    await made.store.upkeep.backup(join(original, DATABASE))
    const before = await wholeContent(made)
    await made.close()

    const whole = copyOf(original)
    const last = await runTo(whole, change, Number.POSITIVE_INFINITY)
    const done = await inlineStore(whole)
    const after = await wholeContent(done)
    await checkOwners(done, change.after)
    await done.close()
    assert.notDeepEqual(after, before)
    assert.ok(last > 10)

    // A process for each point costs; the first change alone dies at every one of them outside the deep run.
    const step = deep || name === Object.keys(changes)[0] ? 1 : 4
    const points = Array.from({ length: last + 1 }, (_, point) => point).filter((point) => (last - point) % step === 0)
    const worker = async (): Promise<void> => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) {
        const copy = copyOf(original)
        assert.equal(await runTo(copy, change, point), -1)
        const fixture = await inlineStore(copy)
        assert.deepEqual(await wholeContent(fixture), point < last ? before : after)
        await checkOwners(fixture, point < last ? change.before : change.after)
        await fixture.close()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  })
}

function copyOf(original: string): string {
  const folder = newFolder()
  copyFileSync(join(original, DATABASE), join(folder, DATABASE))
  return folder
}

/** Does a change in a process of its own that dies at one point of it. Resolves to the last point there is, or -1 when it died. */
async function runTo(folder: string, { address, input }: Change, dieAfter: number): Promise<number> {
  const child = fork(fileURLToPath(new URL('./dying-writer.ts', import.meta.url)), { serialization: 'advanced' })
  child.send({ file: join(folder, DATABASE), address, input, dieAfter } satisfies Order)
  let last = -1
  child.on('message', (point) => {
    last = Number(point)
  })
  const signal = await new Promise((resolve) => child.on('exit', (_, by) => resolve(by)))
  assert.equal(signal, last === -1 ? 'SIGKILL' : null)
  return last
}

for (const [name, prepare] of Object.entries(changes)) {
  test(`T16 PostgreSQL: given ${name}, cut off at any statement, then the database is as before it or as after it`, async () => {
    const fixture = await postgresStore()
    try {
      const change = await prepare(fixture.store)
      const before = await wholeContent(fixture)
      let point = 0
      for (; await cutOff(fixture.url, change, point); point++) {
        assert.deepEqual(await wholeContent(fixture), before)
        await checkOwners(fixture, change.before)
      }
      assert.ok(point > 10)
      assert.notDeepEqual(await wholeContent(fixture), before)
      await checkOwners(fixture, change.after)
    } finally {
      await fixture.close()
    }
  })
}

/**
 * Does a change on a connection that breaks at one point of it, by turns because the server's process ends and because the
 * client is gone. Resolves when the server has noticed; to false when the change had been committed before.
 */
async function cutOff(url: string, { address, input }: Change, point: number): Promise<boolean> {
  const pool = openPool(url, { connections: 1 })
  const client = await pool.connect()
  const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows
  await client.query('BEGIN')
  const steps = transactionAt(address).begin(input)
  let step = steps.next()
  let done = 0
  for (; !step.done && done < point; done++) {
    step = steps.next(await ask(client, step.value))
  }
  const isWhole = step.done === true && done < point
  if (isWhole) await client.query('COMMIT')
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  if (point % 2 === 0) await other.query('SELECT pg_terminate_backend($1)', [pid])
  else client.connection.stream.destroy()
  while ((await other.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount !== 0);
  await other.end()
  client.release(true)
  await pool.end()
  return !isWhole
}
