import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { idOf, makeDatabase } from '../database.ts'
import { seededRandom } from '../load/random.ts'
import type { Findings } from '../report/figure.ts'
import { quantile, spreadOf, spreadOfRatios } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { say } from '../say.ts'
import { askLocal, startHufu } from '../servers/hufu.ts'
import type { Surroundings } from '../surroundings.ts'
import { APP_ID, openidOf, storedPerson, unionidOf } from '../world/people.ts'
import { checkTokensWhile, tokenFrom } from './check-tokens-while.ts'

/** Searches of each kind in a round. */
const SEARCHES = 10

/** How long operators wait for what they look for among many people, and how long token checks take meanwhile. */
export async function measureSearch(
  { scratch, command, upstream }: Surroundings,
  { users, rounds }: { users: number; rounds: number },
): Promise<Findings> {
  say(`search: making a database of ${users.toLocaleString('en')} people`)
  const folder = join(scratch, 'search')
  await makeDatabase(command, folder, users)
  addAudit(join(folder, 'hufu.db'))
  const server = await startHufu({ command, folder, upstream })
  const random = seededRandom(3)
  const somebody = (): number => Math.floor(random() * users)
  const userId = idOf('usr', 7)
  const searches: Record<string, () => string> = {
    userId: () => `users?userId=${idOf('usr', somebody())}`,
    unionid: () => `users?unionid=${unionidOf(storedPerson(somebody()))}`,
    openid: () => `users?appId=${APP_ID}&openid=${openidOf(storedPerson(somebody()))}`,
    page: () => `users?limit=100&after=${userId}`,
    'events of a user': () => `events?userId=${userId}`,
    'events of a kind': () => 'events?kind=user_blocked',
    conflicts: () => 'conflicts?all=true',
    unifications: () => 'unifications',
  }
  const times: Record<string, number[]> = {}
  const ask = async (name: string, path: string): Promise<void> => {
    const began = performance.now()
    const status = await askLocal(folder, 'GET', `/admin/v1/${path}`)
    if (status !== 200) throw new Error(`${path}: ${status}`)
    times[name] = [...(times[name] ?? []), performance.now() - began]
  }
  const askAll = async (pathOf: (name: string) => string, prefix: string): Promise<void> => {
    for (const name of Object.keys(searches)) {
      for (let turn = 0; turn < SEARCHES; turn++) await ask(`${prefix}${name}`, pathOf(name))
    }
  }
  const [quiet, busy]: [number[], number[]] = [[], []]
  try {
    await askAll((name) => searches[name]?.() ?? '', 'first ') // its thread starts
    const token = await tokenFrom(server.url)
    for (let round = 0; round < rounds; round++) {
      // As many requests of operators, for what stands in the memory: it is the search that is measured.
      const aside = await checkTokensWhile(server.url, token, () => askAll(() => 'apps', 'apps for '))
      const searching = await checkTokensWhile(server.url, token, () => askAll((name) => searches[name]?.() ?? '', ''))
      quiet.push(quantile(aside, 0.99))
      busy.push(quantile(searching, 0.99))
      say(`search, round ${round + 1} of ${rounds}: p99 of a token check ${busy.at(-1)?.toFixed(1)} ms`)
    }
  } finally {
    await server.stop()
  }
  const kinds = Object.keys(searches).map((name) => ({ name, ...spreadOf(times[name] ?? []) }))
  const { name, ...slowest } = kinds.reduce((one, other) => (one.median > other.median ? one : other))
  return {
    figures: [
      {
        what: `operator’s slowest search among ${users.toLocaleString('en')} people: ${name}`,
        unit: 'ms',
        ...slowest,
        asked: TARGETS.search,
        detail: kinds.map((one) => `${one.name} ${one.median.toFixed(1)}`).join(', '),
      },
      {
        what: 'p99 of a token check while operators search ÷ while they ask for apps',
        unit: 'ratio',
        ...spreadOfRatios(busy, quiet),
        asked: TARGETS.checksDuringSearch,
        detail: `${quantile(busy, 0.5).toFixed(1)} ms against ${quantile(quiet, 0.5).toFixed(1)} ms`,
      },
    ],
    raw: { times, quiet, busy },
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
