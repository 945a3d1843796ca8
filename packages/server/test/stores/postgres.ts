import pg from 'pg'
import type { PoolOptions } from '../../src/adapters/postgres/pool.ts'
import { migratePostgresUrl, openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { startPostgres } from './postgres-server.ts'
import type { Recyclable } from './recycle.ts'
import { readable } from './sqlite.ts'

/** A database of its own for one test. */
export interface TestDatabase {
  url: string
  /** Asks the tables themselves, past all of our code. */
  select(sql: string): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

interface Server {
  url: string
  /** An up-to-date, empty database to copy. */
  template: string
}

const PREFIX = `hufu_test_${process.pid}_`
let server: Promise<Server> | undefined
let made = 0

/**
 * A fresh, migrated database on the server of this test file, or on the one that `HUFU_TEST_POSTGRES_URL` names. The
 * server is started at the first call and ends with the process.
 */
export async function openTestPostgres(): Promise<TestDatabase> {
  server ??= openServer()
  const { url, template } = await server
  return createDatabase(url, template)
}

/** The same, without any table. */
export async function openEmptyPostgres(): Promise<TestDatabase> {
  server ??= openServer()
  return createDatabase((await server).url, 'template0')
}

/** Where a database of this test file's server is. */
export async function urlOfDatabase(name: string): Promise<string> {
  server ??= openServer()
  return named((await server).url, name)
}

async function openServer(): Promise<Server> {
  const url = process.env.HUFU_TEST_POSTGRES_URL ?? (await startPostgres({ fsync: false })).url
  const template = `${PREFIX}template`
  await ask(url, `DROP DATABASE IF EXISTS ${template}`)
  await ask(url, `CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  await migratePostgresUrl(named(url, template))
  return { url, template }
}

async function createDatabase(server: string, template: string): Promise<TestDatabase> {
  const name = `${PREFIX}${++made}`
  await ask(server, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = named(server, name)
  return {
    url,
    select: (sql) => ask(url, sql),
    drop: async () => void (await ask(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  }
}

function named(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connected(url)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.setTypeParser(pg.types.builtins.INT8, Number)
  await client.connect()
  return client
}

/** A store on a database of its own, and a second connection to ask the tables. */
export async function openTestPostgresStore(options: PoolOptions = {}): Promise<Recyclable> {
  const database = await openTestPostgres()
  const store = await openPostgresStore(database.url, options)
  const window = new pg.Pool({ connectionString: database.url, max: 1 })
  window.on('error', () => undefined) // some tests stop the server
  window.on('connect', (client) => client.setTypeParser(pg.types.builtins.INT8, Number))
  return {
    store,
    select: async (sql) => (await window.query(sql)).rows.map(readable),
    run: async (sql) => void (await window.query(`BEGIN; ${sql}; COMMIT`)),
    async close() {
      await window.end()
      await store.upkeep.close().catch(() => undefined) // a test may have closed it
      await database.drop()
    },
  }
}
