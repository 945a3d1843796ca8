import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { Connection } from '../../bench/load/connection.ts'
import { hufu } from '../../bench/load/dialects/hufu.ts'
import type { Answer, Exchange } from '../../bench/load/exchange.ts'
import { seededRandom } from '../../bench/load/random.ts'
import { Crowd } from '../../bench/load/workloads/crowd.ts'
import { WORKLOADS, type WorkloadName } from '../../bench/load/workloads/workload.ts'
import { APP_ID, APP_SECRET, OTHER_APP_ID, openidOf, readCode, storedPerson } from '../../bench/world/people.ts'
import { startUpstream } from '../../bench/world/upstream.ts'
import { adminToken } from '../../packages/server/test/fixture/config.ts'
import { ask, newProcessFixture, startHufu } from '../../packages/server/test/fixture/process.ts'

const STORED = 100
const PERIOD = 100

const newWorkload = (name: WorkloadName) => WORKLOADS[name](new Crowd(hufu, STORED, seededRandom(1)))
const codeIn = (request: string): string => /"code":"(\w+)"/.exec(request)?.[1] ?? ''
const personIn = (request: string): number => readCode(codeIn(request)).person

/** A server that says yes to all of it. */
function agree({ request, read }: Exchange): void {
  const openid = openidOf(personIn(request), request.includes(OTHER_APP_ID) ? OTHER_APP_ID : APP_ID)
  read({ status: 200, body: JSON.stringify({ openid, accessToken: 'a', refreshToken: 'r', identities: [] }) })
}

const requestsOf = (name: WorkloadName, count: number): string[] => {
  const next = newWorkload(name)
  return Array.from({ length: count }, () => {
    const exchange = next()
    agree(exchange)
    return exchange.request
  })
}

test('people who return were there before, people who are new were not, and the hot one is always the same', () => {
  const persons = (name: WorkloadName) => requestsOf(name, 50).map(personIn)
  const stored = new Set(Array.from({ length: STORED }, (_, index) => storedPerson(index)))
  assert.ok(persons('returning').every((person) => stored.has(person) && person !== storedPerson(0)))
  assert.ok(persons('first').every((person) => !stored.has(person)))
  assert.equal(new Set(persons('first')).size, 50)
  assert.deepEqual(new Set(persons('hot')), new Set([storedPerson(0)]))
})

test('no code comes twice', () => {
  assert.equal(new Set(requestsOf('hot', 500).map(codeIn)).size, 500)
})

test('of a hundred mixed requests five refresh, twenty check a token and one unifies', () => {
  const requests = requestsOf('mix', 2 * PERIOD).slice(PERIOD)
  const count = (part: string) => requests.filter((request) => request.includes(part)).length
  assert.equal(count('POST /v1/refresh'), 5)
  assert.equal(count('GET /v1/me'), 20)
  assert.equal(count('POST /v1/login'), 75)
  assert.equal(count(OTHER_APP_ID), 1)
  assert.equal(requests.filter((request) => /"code":"0c/.test(request)).length, 1, 'a code without a unionid')
})

test('an answer that is not what was asked for is an error that shows it', () => {
  const exchange = newWorkload('returning')()
  const wrong: Answer[] = [
    { status: 401, body: openidOf(personIn(exchange.request)) },
    { status: 200, body: openidOf(1) },
  ]
  for (const answer of wrong) assert.throws(() => exchange.read(answer), new RegExp(`${answer.status}.*oBench`))
})

async function startServer(t: TestContext) {
  const upstream = await startUpstream()
  t.after(() => upstream.close())
  const { settings, file } = await newProcessFixture(t)
  const server = await startHufu(t, { ...settings, HUFU_WECHAT_BASE_URL: upstream.url })
  for (const appId of [APP_ID, OTHER_APP_ID]) {
    const app = { realm: 'default', appId, kind: 'miniprogram', name: 'bench', secret: APP_SECRET }
    assert.equal((await ask(`${server.adminUrl}/admin/v1/apps`, 'POST', app, adminToken)).status, 201)
  }
  return { url: new URL(server.url), file }
}

test('the mix does to a real server what it says: three hundred requests make two unifications', async (t) => {
  const { url, file } = await startServer(t)
  const connection = await Connection.open(url)
  t.after(() => connection.close())
  const next = newWorkload('mix')
  let sessions = 0
  for (let turn = 0; turn < 3 * PERIOD; turn++) {
    const exchange = next()
    await new Promise<void>((answered) => connection.send(exchange, answered))
    if (exchange.makesSession) sessions++
  }
  const db = new DatabaseSync(file, { readOnly: true })
  t.after(() => db.close())
  const count = (what: string) => db.prepare(`SELECT COUNT(*) AS n FROM ${what}`).get()?.n
  assert.equal(count('sessions'), sessions)
  assert.equal(db.prepare('SELECT SUM(generation) AS n FROM sessions').get()?.n, 15)
  assert.ok(Number(count('unifications')) >= 2, `${count('unifications')} unifications`)
  assert.equal(count('conflicts'), 0)
})
