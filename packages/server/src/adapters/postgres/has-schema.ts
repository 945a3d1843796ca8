import pg from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'

const CONNECT_PATIENCE_MS = 10_000

/**
 * Whether a database holds Hufu's tables; makes none.
 *
 * @throws {ProblemError} `server_misconfigured` when it does not open
 */
export async function hasPostgresSchema(url: string): Promise<boolean> {
  const client = clientOf(url)
  try {
    await client.connect()
    const { rows } = await client.query("SELECT to_regclass('hufu_migrations') IS NOT NULL AS there")
    return rows[0]?.there === true
  } catch (error) {
    const { message, name } = error as Error
    throw notOpened(message || name)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function clientOf(url: string): pg.Client {
  try {
    const options = { connectionString: url, application_name: 'hufu', connectionTimeoutMillis: CONNECT_PATIENCE_MS }
    const client = new pg.Client(options)
    client.on('error', () => undefined)
    return client
  } catch {
    throw notOpened('its address cannot be read') // what was thrown holds the address, and that the password
  }
}

const notOpened = (why: string): ProblemError =>
  new ProblemError('server_misconfigured', `The database does not open: ${why}`)
