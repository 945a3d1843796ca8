import pg from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'

/**
 * Whether a database holds Hufu's tables; makes none.
 *
 * @throws {ProblemError} `server_misconfigured` when it does not open
 */
export async function hasPostgresSchema(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: 'hufu', connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query("SELECT to_regclass('hufu_migrations') IS NOT NULL AS there")
    return rows[0]?.there === true
  } catch (error) {
    const { message, name } = error as Error
    throw new ProblemError('server_misconfigured', `The database does not open: ${message || name}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}
