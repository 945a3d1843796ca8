import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { adminClient } from '../../src/command/admin-client.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { shop } from '../fixture/apps.ts'
import { issuer } from '../fixture/config.ts'
import type { Settings } from '../fixture/process.ts'
import { productionSettings, serveHufu } from '../fixture/production.ts'
import { openTestPostgres } from '../stores/postgres.ts'
import { headerOf, jws, newPair, type Pair, postAssertion } from './assertion.ts'

/** Two servers on one PostgreSQL, the shop, and a key of it that an operator has let in through the first. */
async function newCluster(t: TestContext) {
  const database = await openTestPostgres()
  t.after(database.drop)
  const envs = ['one', 'two'].map(() => productionSettings(t, { HUFU_DATABASE_URL: database.url }))
  const [one, two] = await Promise.all(envs.map((env) => serveHufu(t, env)))
  assert.ok(one && two)
  const operator = await adminClient(() => readConfig(envs[0] as Settings), envs[0]?.HUFU_DATA_DIR ?? '')
  assert.ok(operator.running, 'the command speaks to the running server')
  t.after(() => operator.close())
  await operator.call('POST', 'apps', { appId: shop.appId, secret: shop.secret })
  const addKey = async (): Promise<Pair> => {
    const pair = newPair('')
    const publicJwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
    const input = { appId: shop.appId, unionid: 'trust', publicJwk }
    return { ...pair, kid: (await operator.call<{ id: string }>('POST', 'cloud-keys', input)).id }
  }
  return { database, one, two, operator, pair: await addKey() }
}

function assertionFor(pair: Pair, openid: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: shop.appId, sub: openid, aud: issuer, iat, exp: iat + 60, jti: randomUUID() }
  return jws(pair, headerOf(pair), claims)
}

const statusOf = async (address: string, assertion: string) => (await postAssertion(address, assertion)).status

/** Until the other process lets the key in: it hears of changes within a second. */
async function untilKnown(address: string, pair: Pair): Promise<void> {
  while ((await statusOf(address, assertionFor(pair, 'oMei'))) !== 200);
}

test('T22 given two processes on one PostgreSQL, then an assertion works once and a revoked key is refused by both at once', async (t) => {
  const { database, one, two, operator, pair } = await newCluster(t)
  await untilKnown(two.address, pair)

  const assertion = assertionFor(pair, 'oBo')
  const statuses = await Promise.all(
    Array.from({ length: 60 }, (_, n) => statusOf(n % 2 === 0 ? one.address : two.address, assertion)),
  )
  assert.deepEqual(statuses.filter((status) => status === 200).length, 1)
  assert.deepEqual(statuses.filter((status) => status === 401).length, 59)
  const sessions = await database.select("SELECT COUNT(*) AS n FROM sessions WHERE openid = 'oBo'")
  assert.equal(sessions[0]?.n, 1)

  // Logins keep coming to the other process while the key is revoked: none that begins afterwards succeeds, and of
  // those that were under way no session is left behind.
  let revoked = false
  let late = 0
  const flood = Array.from({ length: 8 }, async () => {
    for (let n = 0; n < 40; n++) {
      const after = revoked
      const status = await statusOf(two.address, assertionFor(pair, 'oFlood'))
      if (after && status !== 401) late++
    }
  })
  await statusOf(two.address, assertionFor(pair, 'oFlood'))
  await operator.call('DELETE', `cloud-keys/${pair.kid}?endSessions=true`)
  revoked = true
  await Promise.all(flood)
  assert.equal(late, 0)
  const left = await database.select(`SELECT id FROM sessions WHERE ended IS NULL`)
  assert.deepEqual(left, [])
})
