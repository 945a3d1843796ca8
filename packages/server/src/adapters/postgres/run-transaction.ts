import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Dialect, Row, SqlText, Statement, Statements } from '../sql/sql.ts'
import { databaseError } from './trouble.ts'

type Client = Pick<ClientBase, 'query'>

/** A statement as PostgreSQL takes it. The name makes every connection prepare it once. */
interface Prepared {
  name: string
  text: string
}

const numbered = (place: number): string => `$${place}`
const forWriting = preparing({ place: numbered, hasLocks: true })
const forReading = preparing({ place: numbered, hasLocks: false })

let named = 0

function preparing(dialect: Dialect): (text: SqlText) => Prepared {
  const known = new Map<SqlText, Prepared>()
  return (text) => {
    const found = known.get(text)
    if (found) return found
    const prepared = { name: `hufu-${++named}`, text: text.in(dialect) }
    known.set(text, prepared)
    return prepared
  }
}

/** Runs one statement and returns its rows. @throws {DatabaseTrouble} or the server's own error about the statement */
export async function ask(client: Client, { text, values }: Statement, prepare = forWriting): Promise<Row[]> {
  const { name, text: words } = prepare(text)
  try {
    return (await client.query<Row>({ name, text: words, values })).rows
  } catch (error) {
    throw databaseError(error)
  }
}

/** Text without values, for what is not prepared: transactions and locks. */
export async function say(client: Client, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    throw databaseError(error)
  }
}

/**
 * Runs a transaction and commits it.
 *
 * @param locks names that it holds from its beginning to its end
 * @param committing called when there is no way back
 */
export async function runInTransaction<Output>(
  client: Client,
  statements: Statements<Output>,
  { locks, committing }: { locks: readonly string[]; committing: () => void },
): Promise<Output> {
  await say(client, `BEGIN${locks.length > 0 ? locking(locks) : ''}`)
  let step = statements.next()
  while (!step.done) step = statements.next(await ask(client, step.value))
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

/** Runs a transaction that only looks, all of it at one moment of the database. */
export async function runSnapshot<Output>(client: Client, statements: Statements<Output>): Promise<Output> {
  await say(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  let step = statements.next()
  while (!step.done) step = statements.next(await ask(client, step.value, forReading))
  await say(client, 'COMMIT')
  return step.value
}

/**
 * Runs a transaction that only looks and asks at most once: one statement sees one moment by itself. Resolves to
 * undefined when it wants to ask again.
 */
export async function runOnce<Output>(
  client: Client,
  statements: Statements<Output>,
): Promise<{ output: Output } | undefined> {
  let step = statements.next()
  if (!step.done) step = statements.next(await ask(client, step.value, forReading))
  return step.done ? { output: step.value } : undefined
}
