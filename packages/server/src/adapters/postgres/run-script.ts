import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import { type Row, type Statement, type Steps, withoutLocks } from '../sql/script.ts'
import { databaseError } from './trouble.ts'

/** A statement as PostgreSQL takes it. The name makes every connection prepare it once. */
interface Prepared {
  name: string
  text: string
}

const statements = new Map<string, Prepared>()

/** `?` becomes `$1`, `$2` …; no statement of ours holds a question mark elsewhere. */
function prepare(sql: string): Prepared {
  const known = statements.get(sql)
  if (known) return known
  let place = 0
  const prepared = { name: `hufu-${statements.size}`, text: sql.replace(/\?/g, () => `$${++place}`) }
  statements.set(sql, prepared)
  return prepared
}

/** Runs one statement and returns its rows. @throws {DatabaseTrouble} or the server's own error about the statement */
export async function ask(client: Pick<ClientBase, 'query'>, { sql, values }: Statement): Promise<Row[]> {
  try {
    return (await client.query<Row>({ ...prepare(sql), values: [...values] })).rows
  } catch (error) {
    throw databaseError(error)
  }
}

/** Text without values, for what is not prepared: transactions and locks. */
export async function say(client: Pick<ClientBase, 'query'>, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    throw databaseError(error)
  }
}

/** Runs a script inside a transaction of its own and commits it. `committing` is called when there is no way back. */
export async function runInTransaction<Output>(
  client: Pick<ClientBase, 'query'>,
  steps: Steps<Output>,
  committing: () => void,
): Promise<Output> {
  let step = steps.next()
  const locks = !step.done && 'lock' in step.value ? locking(step.value.lock) : ''
  await say(client, `BEGIN${locks}`)
  if (locks !== '') step = steps.next([])
  while (!step.done) {
    if ('lock' in step.value) throw new TypeError('a script takes its locks first')
    step = steps.next(await ask(client, step.value))
  }
  committing()
  await say(client, 'COMMIT')
  return step.value
}

/** Taken in one order by everyone, so that nobody waits in a ring; they end with the transaction. */
function locking(names: readonly string[]): string {
  const keys = [...new Set(names.map(lockKey))].sort((one, other) => (one < other ? -1 : 1))
  return `; SELECT ${keys.map((key) => `pg_advisory_xact_lock('${key}')`).join(', ')}`
}

const lockKey = (name: string): bigint => hash('sha256', `hufu ${name}`, 'buffer').readBigInt64BE()

/** Runs a script that only looks, all of it at one moment of the database. */
export async function runSnapshot<Output>(client: Pick<ClientBase, 'query'>, steps: Steps<Output>): Promise<Output> {
  await say(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  let step = steps.next()
  while (!step.done) step = steps.next(await look(client, step.value))
  await say(client, 'COMMIT')
  return step.value
}

/**
 * Runs a script that only looks and asks at most once: one statement sees one moment by itself. Resolves to undefined
 * when the script wants to ask again.
 */
export async function runOnce<Output>(
  client: Pick<ClientBase, 'query'>,
  steps: Steps<Output>,
): Promise<{ output: Output } | undefined> {
  let step = steps.next()
  if (!step.done) step = steps.next(await look(client, step.value))
  return step.done ? { output: step.value } : undefined
}

async function look(client: Pick<ClientBase, 'query'>, asked: Statement | { lock: unknown }): Promise<Row[]> {
  if ('lock' in asked) return []
  return ask(client, { ...asked, sql: withoutLocks(asked.sql) })
}
