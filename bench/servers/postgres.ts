import pg from 'pg'
import { startPostgres } from '../../packages/server/test/stores/postgres-server.ts'
import { PAST_SESSIONS } from '../database.ts'
import { APP_ID } from '../world/people.ts'

/**
 * A PostgreSQL that keeps what it committed; it ends with this process. Or the one that `HUFU_TEST_POSTGRES_URL` names.
 *
 * @param name of the database, which is made anew
 */
export async function openPostgres(name: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.HUFU_TEST_POSTGRES_URL
  if (given !== undefined) return { url: await freshDatabase(given, name), stop: async () => undefined }
  const server = await startPostgres({ fsync: true })
  return { url: await freshDatabase(server.url, name), stop: () => server.stop('fast') }
}

async function freshDatabase(server: string, name: string): Promise<string> {
  await ask(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await ask(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** The same people as in the files of SQLite (bench/world/people.ts), straight into the schema that a server made. */
export async function fillPostgres(url: string, people: number): Promise<void> {
  const numbered = `FROM (SELECT i, lpad(i::text, 24, '0') AS id, lpad((i * 8)::text, 10, '0') AS open,
    lpad((i * 8 * 7368787 % 10000000000)::text, 10, '0') AS uni, ${Date.now()} - 86400000 AS at
    FROM generate_series(0::bigint, ${people - 1}) AS i) AS people`
  await ask(
    url,
    `INSERT INTO users (id, realm_id, status, created_at, unionid)
     SELECT 'usr_00' || id, 'default', 'active', at, 'uBench' || uni || 'abcdefghijkl' ${numbered}`,
  )
  await ask(
    url,
    `INSERT INTO identities (app_id, openid, user_id, first_seen_at, last_seen_at)
     SELECT '${APP_ID}', 'oBench' || open || 'abcdefghijkl', 'usr_00' || id, at, at ${numbered}`,
  )
  await ask(
    url,
    `INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at)
     SELECT 'ses_00' || id, 'usr_00' || id, '${APP_ID}', 'oBench' || open || 'abcdefghijkl', at, at, 0, 1, '\\x00', at ${numbered}`,
  )
  await ask(
    url,
    `INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at, ended)
     SELECT 'ses_00' || lpad(i::text, 24, '0'), 'usr_00' || lpad('0', 24, '0'), '${APP_ID}', 'oBench0000000000abcdefghijkl',
       ${Date.now()} - 86400000, ${Date.now()} - 86400000, 0, 1, '\\x00', ${Date.now()} - 86400000, 'crowded_out'
     FROM generate_series(${people}::bigint, ${people + PAST_SESSIONS - 1}) AS i`,
  )
  await ask(url, 'VACUUM ANALYZE')
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
