import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { say } from '../say.ts'
import { askLocal, startHufu } from '../servers/hufu.ts'
import { median, quantile } from '../statistics.ts'
import { APP_ID, codeOf, openidOf, storedPerson, unionidOf } from '../world/people.ts'

const SEARCHES = 100
/** Token checks at one time. */
const CHECKS_AT_ONCE = 4

/** How long operators wait for what they look for among many people, and how long token checks take meanwhile. */
export async function measureSearch(
  { scratch, command, upstream }: Surroundings,
  { users, rounds }: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  say(`search: making a database of ${users} people`)
  const folder = join(scratch, 'search')
  await makeDatabase(command, folder, users)
  addAudit(join(folder, 'hufu.db'))
  const server = await startHufu({ command, folder, upstream })
  const token = await tokenOf(server.url)
  const userId = `usr_00${'7'.padStart(24, '0')}`
  const searches = {
    unionid: () => `users?unionid=${unionidOf(somebody(users))}`,
    identity: () => `users?appId=${APP_ID}&openid=${openidOf(somebody(users))}`,
    page: () => `users?limit=100&after=${userId}`,
    'events of a user': () => `events?userId=${userId}`,
    'events of a kind': () => 'events?kind=user_blocked',
    events: () => 'events',
    conflicts: () => 'conflicts?all=true',
    unifications: () => 'unifications',
  }
  const search = async (path: string): Promise<number> => {
    const began = performance.now()
    const status = await askLocal(folder, 'GET', `/admin/v1/${path}`)
    if (status !== 200) throw new Error(`${path}: ${status}`)
    return performance.now() - began
  }
  await search(searches.events()) // its thread starts
  const times: Record<string, number[]> = {}
  const quiet: number[] = []
  const busy: number[] = []
  for (let round = 0; round < rounds; round++) {
    const asking = async (pathOf: (name: keyof typeof searches) => string, into: Record<string, number[]>) => {
      for (const name of Object.keys(searches) as (keyof typeof searches)[]) {
        into[name] ??= []
        for (let turn = 0; turn < SEARCHES / rounds; turn++) into[name].push(await search(pathOf(name)))
      }
    }
    // As many requests of operators, for what stands in the memory: it is the search that is measured.
    quiet.push(...(await checkWhile(server.url, token, () => asking(() => 'apps', {}))))
    busy.push(...(await checkWhile(server.url, token, () => asking((name) => searches[name](), times))))
  }
  await server.stop()
  const slowest = Object.entries(times).map(([name, all]) => ({ name, p99: quantile(all, 0.99), median: median(all) }))
  const worst = slowest.reduce((one, other) => (one.median > other.median ? one : other))
  return {
    figures: [
      {
        what: `operator’s slowest search among ${users.toLocaleString('en')} people`,
        value: worst.median,
        unit: 'ms',
        asked: { most: 20 },
        detail: slowest.map((one) => `${one.name} ${one.median.toFixed(1)}`).join(', '),
      },
      {
        what: 'p99 of a token check while operators search ÷ while they ask for apps',
        value: quantile(busy, 0.99) / quantile(quiet, 0.99),
        unit: 'ratio',
        asked: { most: 2 },
        detail: `${quantile(busy, 0.99).toFixed(1)} ms against ${quantile(quiet, 0.99).toFixed(1)} ms, ${CHECKS_AT_ONCE} at once`,
      },
    ],
    raw: { times, quiet: quantile(quiet, 0.99), busy: quantile(busy, 0.99) },
  }
}

/** The login of everybody, and of every ten-thousandth what an operator did. */
function addAudit(file: string): void {
  const db = new DatabaseSync(file)
  db.exec(`
    PRAGMA synchronous = OFF;
    INSERT INTO audit_events (at, kind, actor, user_id, app_id, outcome)
    SELECT created_at, iif(id LIKE '%0000', 'user_blocked', 'login'), 'app', id, '${APP_ID}', 'ok' FROM users;
    PRAGMA wal_checkpoint(TRUNCATE)`)
  db.close()
}

const somebody = (users: number): number => storedPerson(Math.floor(Math.random() * users))

async function tokenOf(url: URL): Promise<string> {
  const body = JSON.stringify({ appId: APP_ID, code: codeOf(storedPerson(3), 1) })
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(new URL('/v1/login', url), { method: 'POST', headers, body })
  const { accessToken } = (await reply.json()) as { accessToken: string }
  return accessToken
}

/** Asks `/v1/me` over and over while something else is done. Resolves to the time each took, in milliseconds. */
async function checkWhile(url: URL, token: string, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  let isDone = false
  const check = async (): Promise<void> => {
    while (!isDone) {
      const began = performance.now()
      const reply = await fetch(new URL('/v1/me', url), { headers: { authorization: `Bearer ${token}` } })
      await reply.arrayBuffer()
      if (reply.status !== 200) throw new Error(`/v1/me: ${reply.status}`)
      times.push(performance.now() - began)
    }
  }
  const checks = Array.from({ length: CHECKS_AT_ONCE }, check)
  await work()
  isDone = true
  await Promise.all(checks)
  return times
}
