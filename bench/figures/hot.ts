import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { say } from '../say.ts'
import { addBenchApp, startHufu } from '../servers/hufu.ts'
import { askPostgres, fillPostgres, openPostgres } from '../servers/postgres.ts'
import type { Program } from '../servers/program.ts'
import { median } from '../statistics.ts'
import { Caller } from '../world/caller.ts'
import { APP_ID, codeOf, openidOf, storedPerson } from '../world/people.ts'

/** Sessions that the hot person has behind them. */
const PAST = 20_000
const PEOPLE = 10_000
/** Logins of each person in a round: one after the other, so that only their own cost is measured. */
const LOGINS = 200

/** What a login costs somebody with 20,000 past sessions, against somebody who has hardly any; on both stores. */
export async function measureHot(
  surroundings: Surroundings,
  { rounds }: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  const sqlite = await onSqlite(surroundings, rounds)
  const postgres = await onPostgres(surroundings, rounds)
  return { figures: [figure('SQLite', sqlite), figure('PostgreSQL', postgres)], raw: { sqlite, postgres } }
}

interface Times {
  /** Median time of a login in each round, in milliseconds. */
  hot: number[]
  fresh: number[]
}

const figure = (store: string, { hot, fresh }: Times): Figure => ({
  what: `login with ${PAST.toLocaleString('en')} past sessions ÷ with few, ${store}`,
  value: median(hot.map((time, round) => time / (fresh[round] ?? Number.NaN))),
  unit: 'ratio',
  asked: { most: 1.2 },
  detail: `${median(hot).toFixed(2)} ms against ${median(fresh).toFixed(2)} ms, one after the other`,
})

async function onSqlite({ scratch, command, upstream }: Surroundings, rounds: number): Promise<Times> {
  say('hot: making a database')
  const folder = join(scratch, 'hot')
  await makeDatabase(command, folder, PEOPLE)
  const db = new DatabaseSync(join(folder, 'hufu.db'))
  db.exec(pastSessions(`printf('ses_01%024d', i)`))
  db.close()
  const server = await startHufu({ command, folder, upstream })
  return compare(server, rounds)
}

async function onPostgres({ scratch, command, upstream }: Surroundings, rounds: number): Promise<Times> {
  const postgres = await openPostgres()
  const folder = join(scratch, 'hot-postgres')
  const server = await startHufu({ command, folder, upstream, databaseUrl: postgres.url })
  await addBenchApp(folder)
  await fillPostgres(postgres.url, PEOPLE)
  await askPostgres(postgres.url, pastSessions(`'ses_01' || lpad(i::text, 24, '0')`))
  await askPostgres(postgres.url, 'VACUUM ANALYZE')
  const times = await compare(server, rounds)
  await postgres.stop()
  return times
}

const HOT = storedPerson(1)
const FRESH = storedPerson(2)

/** Yesterday's, that is: before any sweep may take them. @param id how a store spells the id of the i-th */
const pastSessions = (id: string): string => `
  INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at, ended)
  WITH RECURSIVE past (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM past WHERE i < ${PAST})
  SELECT ${id}, known.user_id, '${APP_ID}', known.openid, ${Date.now() - 86_400_000} + i, ${Date.now() - 86_400_000} + i, 0, 1,
    (SELECT salt FROM sessions LIMIT 1), 0, 'crowded_out'
  FROM past, identities known WHERE known.openid = '${openidOf(HOT)}'`

async function compare(server: Program, rounds: number): Promise<Times> {
  const caller = await Caller.open(server.url, '/v1/login')
  let serial = 0
  const logIn = (person: number): Promise<number> =>
    new Promise((resolve) => {
      const began = performance.now()
      const body = `{"appId":"${APP_ID}","code":"${codeOf(person, serial++)}"}`
      caller.post(body, ({ status, body: answer }) => {
        if (status !== 200 || !answer.includes(openidOf(person))) throw new Error(`${status} ${answer.slice(0, 300)}`)
        resolve(performance.now() - began)
      })
    })
  const round = async (person: number): Promise<number> => {
    const times: number[] = []
    while (times.length < LOGINS) times.push(await logIn(person))
    return median(times)
  }
  for (const person of [FRESH, HOT, FRESH, HOT]) await round(person) // both have as many live sessions as there may be
  const times: Times = { hot: [], fresh: [] }
  for (let turn = 0; turn < rounds; turn++) {
    const first = turn % 2 === 0
    if (first) times.hot.push(await round(HOT))
    times.fresh.push(await round(FRESH))
    if (!first) times.hot.push(await round(HOT))
  }
  say(`hot: ${median(times.hot).toFixed(2)} ms against ${median(times.fresh).toFixed(2)} ms`)
  caller.close()
  await server.stop()
  return times
}
