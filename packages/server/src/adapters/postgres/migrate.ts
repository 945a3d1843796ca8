import pg, { type ClientBase } from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'
import { type Migration, readMigrations } from '../migrations.ts'

/** Any number that nobody else in this database uses for an advisory lock. */
const MIGRATION_LOCK = "hashtextextended('hufu migrations', 0)"

const DUPLICATE_TABLE = '42P07'

/**
 * Brings a database up to this release's schema, each migration in one transaction together with its number: killed
 * anywhere, it stands before or after, and the next start goes on. Of several processes one migrates and the others wait.
 * Returns the names of those applied.
 *
 * @throws {ProblemError} `server_misconfigured` when the database is of a newer release.
 */
export async function migratePostgres(
  client: Pick<ClientBase, 'query'>,
  migrations: Migration[] = readMigrations('postgres'),
): Promise<string[]> {
  const newest = migrations.at(-1)?.number ?? 0
  const has = await numberOf(client)
  if (has > newest) throw tooNew()
  const applied: string[] = []
  for (const migration of migrations.filter(({ number }) => number > has)) {
    if (await apply(client, migration)) applied.push(migration.name)
  }
  return applied
}

async function apply(client: Pick<ClientBase, 'query'>, { number, name, statements }: Migration): Promise<boolean> {
  await client.query('BEGIN')
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    // Somebody else may have been quicker. To make the table is the one way to look that no cache answers for.
    await client.query('CREATE TABLE IF NOT EXISTS hufu_migrations (number bigint PRIMARY KEY, name text NOT NULL)')
    const isMissing = (await numberOf(client)) < number
    if (isMissing) {
      for (const statement of statements) await client.query(statement)
      await client.query('INSERT INTO hufu_migrations (number, name) VALUES ($1, $2)', [number, name])
    }
    await client.query('COMMIT')
    return isMissing
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error instanceof pg.DatabaseError && error.code === DUPLICATE_TABLE ? notOurs(error) : error
  }
}

/** Number of the newest migration that this database has; 0 for an empty one. */
async function numberOf(client: Pick<ClientBase, 'query'>): Promise<number> {
  const { rows: tables } = await client.query("SELECT to_regclass('hufu_migrations') IS NOT NULL AS exists")
  if (tables[0]?.exists !== true) return 0
  const { rows } = await client.query<{ number: string }>(
    'SELECT COALESCE(MAX(number), 0) AS number FROM hufu_migrations',
  )
  return Number(rows[0]?.number)
}

const tooNew = (): ProblemError =>
  new ProblemError('server_misconfigured', 'This database was made by a newer Hufu. Upgrade Hufu, or restore a backup.')

const notOurs = (cause: Error): ProblemError =>
  new ProblemError(
    'server_misconfigured',
    'This database holds tables of something else. Give Hufu a database of its own, or a schema (?options=-csearch_path%3Dhufu).',
    { cause },
  )
