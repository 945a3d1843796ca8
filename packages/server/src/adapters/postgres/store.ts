import pg from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'
import type { LoginFacts, LoginOutcome } from '../../ports/logins.ts'
import type { Store } from '../../ports/store.ts'
import { queueByName } from '../sql/queue-by-name.ts'
import { type SqlDriver, sqlStore } from '../sql/store.ts'
import type { Transaction } from '../sql/transaction.ts'
import { transactions } from '../sql/transactions/index.ts'
import { unavailable } from '../sql/unavailable.ts'
import { awaitAnswer } from './await-answer.ts'
import { migratePostgres } from './migrate.ts'
import { pause } from './pause.ts'
import { checkPromises, openPool, type Pool, type PoolOptions, withClient } from './pool.ts'
import { mayLogInQuickly, quickLogIn } from './quick-log-in.ts'
import { runInTransaction, runOnce, runSnapshot } from './run-transaction.ts'
import { DatabaseTrouble, databaseError, isContention, isGone, isRace } from './trouble.ts'

/**
 * The store for many machines: any number of processes share one database and keep nothing of their own.
 *
 * @throws {ProblemError} `server_misconfigured` when the database cannot be reached, promises less than we need (T38),
 *   or is of a newer release.
 */
export async function openPostgresStore(url: string, options: PoolOptions = {}): Promise<Store> {
  await migratePostgresUrl(url)
  return sqlStore(postgresDriver(openPool(url, options)))
}

/** Brings the database up to this release's schema. Returns the names of the migrations applied; throws as opening does. */
export async function migratePostgresUrl(url: string): Promise<string[]> {
  const client = clientOf(url)
  try {
    await client.connect()
    await checkPromises(client)
    return await migratePostgres(client)
  } catch (error) {
    throw notOpened(databaseError(error))
  } finally {
    await client.end()
  }
}

function clientOf(url: string): pg.Client {
  try {
    const client = new pg.Client({ connectionString: url, application_name: 'hufu migrate', keepAlive: true })
    client.on('error', () => undefined)
    return client
  } catch {
    // What was thrown holds the address, and the address holds the password.
    throw new ProblemError('server_misconfigured', 'The database does not open: its address cannot be read.')
  }
}

/** At the start there is somebody to read what the server said; it names databases and users, never passwords. */
function notOpened(error: unknown): unknown {
  if (!(error instanceof DatabaseTrouble && error.cause instanceof Error)) return error
  const { message, name } = error.cause
  return new ProblemError('server_misconfigured', `The database does not open: ${message || name}`)
}

/** Runs of one transaction, of which all but the last may lose a race. */
const RUNS = 8

function postgresDriver(pool: Pool): SqlDriver {
  /** Transactions known to ask more than once, so that their answers must come from one moment. */
  const several = new Set<unknown>()
  /** What contends for one name waits here, where waiting costs no connection, and not in the database. */
  const queue = queueByName()

  const takingTurns = <Output>(names: readonly string[], work: (until: number) => Promise<Output>): Promise<Output> => {
    const until = performance.now() + pool.patience
    return queue(names, async () => {
      if (performance.now() > until) throw unavailable()
      return work(until)
    })
  }

  const readAtOneMoment = <Input, Output>(transaction: Transaction<Input, Output>, input: Input): Promise<Output> =>
    withClient(pool, async (client, spoilt) => {
      try {
        if (!several.has(transaction)) {
          const once = await runOnce(client, transaction.begin(input))
          if (once) return once.output
          several.add(transaction)
        }
        return await runSnapshot(client, transaction.begin(input))
      } catch (error) {
        spoilt()
        throw error
      }
    })

  const read = <Input, Output>(transaction: Transaction<Input, Output>, input: Input): Promise<Output> =>
    again(1, () => readAtOneMoment(transaction, input))

  const { commit, findByCode } = transactions.logins
  return {
    write: ({ transaction }, input) =>
      takingTurns(transaction.turns(input), (until) => runUntilThrough(pool, transaction, input, until)),
    read: ({ transaction }, input) => read(transaction, input),
    search: ({ transaction }, input) => read(transaction, input), // the database does the work, and the thread is free
    overrides: {
      logins: {
        commit: (facts) =>
          takingTurns(commit.turns(facts), async (until) => {
            const outcome = mayLogInQuickly(facts) ? await quickly(pool, facts, until) : undefined
            return outcome ?? runUntilThrough(pool, commit, facts, until)
          }),
        findByCode: (asked) => awaitAnswer(() => read(findByCode, asked)),
      },
    },
    async backup() {
      throw new ProblemError(
        'invalid_request',
        'Hufu copies only its embedded database. Back PostgreSQL up with pg_dump or with continuous archiving.',
      )
    },
    close: () => pool.end(),
  }
}

/**
 * The short way of a login, when there is one. What stands in its way is no error: the long way waits for it. Nor is a
 * connection that broke, even if the login was committed: the session's id is used up then, and the long way fails.
 */
async function quickly(pool: Pool, facts: LoginFacts, until: number): Promise<LoginOutcome | undefined> {
  try {
    return await withClient(pool, (client) => quickLogIn(client, facts), until)
  } catch (error) {
    if (isRace(error) || isContention(error) || isGone(error)) return undefined
    throw error
  }
}

/**
 * Runs a transaction to its end, however many others race for the same rows: what lost the race runs again, after a
 * moment, and so does what waited in vain for a lock, as long as there is time. A connection that broke before the commit
 * is worth one more try; after it, nobody knows what became of it.
 */
async function runUntilThrough<Input, Output>(
  pool: Pool,
  transaction: Transaction<Input, Output>,
  input: Input,
  until: number,
): Promise<Output> {
  const locks = transaction.locks(input)
  for (let run = 1; ; run++) {
    let committing = false
    const attempt = async (client: pg.PoolClient, spoilt: () => void): Promise<Output> => {
      try {
        return await runInTransaction(client, transaction.begin(input), {
          locks,
          committing: () => {
            committing = true
          },
        })
      } catch (error) {
        if (isGone(error)) spoilt()
        else await client.query('ROLLBACK').catch(spoilt)
        throw error
      }
    }
    try {
      return await withClient(pool, attempt, until)
    } catch (error) {
      if (!mayRunAgain(error, { run, committing, until })) {
        throw isRace(error) ? new DatabaseTrouble(error as Error, false) : error
      }
      await pause(run)
    }
  }
}

function mayRunAgain(error: unknown, at: { run: number; committing: boolean; until: number }): boolean {
  if (isContention(error)) return performance.now() < at.until
  return isRace(error) ? at.run < RUNS : isGone(error) && !at.committing && at.run === 1
}

/** Runs something harmless again when the connection broke under it. */
async function again<T>(times: number, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (times === 0 || !isGone(error)) throw error
    return again(times - 1, attempt)
  }
}
