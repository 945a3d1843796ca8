import pg from 'pg'
import { notOpened } from './not-opened.ts'

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
    throw notOpened(error)
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
    // What was thrown holds the address, and the address holds the password.
    throw notOpened(new TypeError('its address cannot be read'))
  }
}
