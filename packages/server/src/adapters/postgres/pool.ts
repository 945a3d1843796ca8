import pg from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'
import { pause } from './pause.ts'
import { connectionError, isPoolerSign, isTooManyConnections } from './trouble.ts'

export interface PoolOptions {
  /** Connections of this process; 10 if absent. A login holds one for as long as it takes to commit. */
  connections?: number
  /** Milliseconds within which a call may begin another try; 15,000 if absent. */
  patience?: number
  /** Milliseconds that one try waits for a lock; 5,000 if absent. */
  lockPatience?: number
}

/** Milliseconds; more than a client waits for an answer: what it then asks again, with the same code, finds the session. */
const PATIENCE = 15_000
/** Milliseconds. What waits longer than this for a lock, or runs longer, ends with an error instead of piling up. */
const LOCK_PATIENCE = 5000
const STATEMENT_PATIENCE = 15_000
/** The server ends a slow statement itself; this is for a server that has gone without a word. */
const SILENCE_PATIENCE = 20_000
const CONNECT_PATIENCE = 10_000
const IDLE_LIFE = 60_000
/** How long a pool that the database found too large stays small. */
const SMALL_LIFE = 30_000

const OLDEST_RELEASE = 140_000

/** A client that prepares nothing by name while `isUnnamed` says so: an unnamed statement lives and ends in one exchange. */
function clientClass(isUnnamed: () => boolean): typeof pg.Client {
  return class extends pg.Client {
    override query(...given: unknown[]): never {
      const [config, ...rest] = given
      const isNamed = typeof config === 'object' && config !== null && 'name' in config
      const asked = isNamed && isUnnamed() ? { ...config, name: undefined } : config
      return super.query(...([asked, ...rest] as Parameters<pg.Client['query']>)) as never
    }
  }
}

/** A pool that gives way when the database allows fewer connections than it was asked for. */
export class Pool extends pg.Pool {
  /** Milliseconds within which a call may begin another try. */
  readonly patience: number
  /**
   * Whether a pooler stands between that changes the server's session between transactions, as PgBouncer does in
   * transaction mode: what one session prepared by a name another does not know, or has already.
   */
  isBehindPooler = false
  readonly #asked: number
  #made = 0
  #growing: NodeJS.Timeout | undefined

  constructor(config: pg.PoolConfig & { max: number }, patience: number) {
    super({ ...config, Client: clientClass(() => this.isBehindPooler) })
    this.patience = patience
    this.#asked = config.max
    this.on('connect', () => {
      this.options.max = Math.max(this.options.max, ++this.#made)
    })
    this.on('remove', () => this.#made--)
  }

  /** Makes do with the connections that there are, one at least, and asks for more only after a while. */
  shrink(): void {
    this.options.max = Math.max(1, this.#made)
    this.#growing ??= setTimeout(() => {
      this.#growing = undefined
      this.options.max = this.#asked
    }, SMALL_LIFE).unref()
  }
}

/**
 * Connections to one database, each looked at when it is made. One that breaks is replaced at the next use; none of it
 * ends the process.
 */
export function openPool(
  url: string,
  { connections = 10, patience = PATIENCE, lockPatience = LOCK_PATIENCE }: PoolOptions = {},
): Pool {
  const config = {
    connectionString: url,
    application_name: 'hufu',
    max: connections,
    connectionTimeoutMillis: CONNECT_PATIENCE,
    idleTimeoutMillis: IDLE_LIFE,
    query_timeout: SILENCE_PATIENCE,
    keepAlive: true,
    types: { getTypeParser },
    onConnect: (client: pg.ClientBase) => prepare(client, lockPatience),
  }
  const pool = new Pool(config, patience)
  // An error event without a listener would end the process. Whoever uses the connection hears of it from the query.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

async function prepare(client: pg.ClientBase, lockPatience: number): Promise<void> {
  await client.query(`
    SET lock_timeout = ${lockPatience};
    SET statement_timeout = ${STATEMENT_PATIENCE};
    SET default_transaction_isolation = 'read committed'`)
  await checkPromises(client)
}

/** @throws {ProblemError} `server_misconfigured` when this database promises less than we do. */
export async function checkPromises(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ durability: string; encoding: string; release: number }>(
    `SELECT current_setting('synchronous_commit') AS durability, current_setting('server_encoding') AS encoding,
       current_setting('server_version_num')::int AS release`,
  )
  const { durability = '', encoding = '', release = 0 } = rows[0] ?? {}
  // Threat T38: a login is answered after its commit is on the disk, never before.
  if (durability !== 'on' && durability !== 'remote_apply') {
    throw refused(
      'its synchronous_commit is not "on", so a crash could lose logins that were answered. Set it for this database and role.',
    )
  }
  if (encoding !== 'UTF8') throw refused("its encoding is not UTF8. Make the database with: ENCODING 'UTF8'.")
  if (release < OLDEST_RELEASE) throw refused('its server is older than PostgreSQL 14.')
}

const refused = (why: string): ProblemError =>
  new ProblemError('server_misconfigured', `This PostgreSQL database cannot be used: ${why}`)

/** 64-bit integers arrive as numbers (ours are times and counts), bytes as plain bytes, the rest as the driver reads it. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === pg.types.builtins.INT8) return Number
  if (oid === pg.types.builtins.BYTEA) return readBytes
  return pg.types.getTypeParser(oid, format as 'text')
}

/** `\x` and two digits for each byte. */
const readBytes = (written: string): Uint8Array => Uint8Array.from(Buffer.from(written.slice(2), 'hex'))

/**
 * Lends one connection to `work`. After an error it is used again only if `work` left it in order.
 *
 * @param until on the clock of `performance.now()`: how long to wait for a connection that the database has none left for
 */
export async function withClient<T>(
  pool: Pool,
  work: (client: pg.PoolClient, spoilt: () => void) => Promise<T>,
  until = performance.now() + pool.patience,
): Promise<T> {
  const client = await connect(pool, until)
  let isSpoilt = false
  try {
    return await work(client, () => {
      isSpoilt = true
    })
  } catch (error) {
    if (isPoolerSign(error)) pool.isBehindPooler = true
    throw error
  } finally {
    client.release(isSpoilt)
  }
}

async function connect(pool: Pool, until: number): Promise<pg.PoolClient> {
  for (let run = 1; ; run++) {
    try {
      return await pool.connect()
    } catch (error) {
      if (!isTooManyConnections(error)) throw connectionError(error)
      pool.shrink()
      if (performance.now() >= until) throw connectionError(error)
      await pause(run)
    }
  }
}
