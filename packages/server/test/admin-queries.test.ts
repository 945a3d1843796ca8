import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ConflictReply, EventReply, List, UnificationReply, UserReply } from '@hufu/contract'
import { openPostgresStore } from '../src/adapters/postgres/store.ts'
import { loner, shop } from './fixture/apps.ts'
import { people } from './fixture/people.ts'
import { outcomeOf, problemOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { openTestPostgres } from './stores/postgres.ts'

const STORES: [name: string, open: (t: TestContext) => Promise<TestServer>][] = [
  ['SQLite', (t) => newServer(t)],
  ['PostgreSQL', overPostgres],
]

async function overPostgres(t: TestContext): Promise<TestServer> {
  const database = await openTestPostgres()
  const store = await openPostgresStore(database.url)
  const server = await newServer(t, {
    around: {
      store(unused) {
        void unused.upkeep.close()
        return store
      },
    },
  })
  t.after(() => database.drop())
  return server
}

/** Each list, with what is no page, no kind, no id there, and the parameter that must be named. */
const WRONG: Record<string, [query: string, named: RegExp][]> = {
  realms: [
    ['after=abc', /known here: none/],
    ['limit=1', /known here: none/],
    ['x', /known here: none/],
  ],
  apps: [
    ['after=abc', /known here: none/],
    ['limit=1', /known here: none/],
    ['appId=wx1', /known here: none/],
  ],
  users: [
    ['after=abc', /Wrong: after /],
    ['after=', /Wrong: after /],
    ['after=usr_1', /Wrong: after /],
    ['after=%00', /Wrong: after /],
    ['limit=0', /Wrong: limit /],
    ['limit=201', /Wrong: limit /],
    ['limit=1e1', /Wrong: limit /],
    ['limit=', /Wrong: limit /],
    ['limit=2&limit=3', /more than once: limit\./],
    ['userId=', /Wrong: userId /],
    ['userId=abc', /Wrong: user id /],
    ['openid=o1', /both appId and openid/],
  ],
  unifications: [
    ['after=abc', /Wrong: after /],
    ['after=uni_', /Wrong: after /],
    ['after=-1', /Wrong: after /],
    ['limit=none', /Wrong: limit /],
  ],
  conflicts: [
    ['after=abc', /Wrong: after /],
    ['after=cfl_%27', /Wrong: after /],
    ['limit=1.5', /Wrong: limit /],
    ['all=1', /Wrong: all /],
    ['all=', /Wrong: all /],
    ['all=true&all=true', /more than once: all\./],
  ],
  events: [
    ['after=abc', /Wrong: after /],
    ['after=-1', /Wrong: after /],
    ['after=1.5', /Wrong: after /],
    ['after=1e3', /Wrong: after /],
    ['after=', /Wrong: after /],
    ['after=99999999999999999999', /Wrong: after /],
    ['after=NaN', /Wrong: after /],
    ['after=0x10', /Wrong: after /],
    ['kind=nope', /Wrong: kind /],
    ['kind=LOGIN', /Wrong: kind /],
    ['kind=', /Wrong: kind /],
    ['kind=login&kind=app_added', /more than once: kind\./],
    ['userId=abc', /Wrong: userId /],
    ['limit=-1', /Wrong: limit /],
    ['order=asc', /known here: after, limit, kind, userId/],
  ],
  'cloud-keys': [
    ['appId=', /Wrong: appId /],
    ['appId=a&appId=b', /more than once: appId\./],
    ['after=abc', /known here: appId/],
  ],
}

for (const [name, open] of STORES) {
  test(`C24 ${name}: a query that cannot be meant is 400 and names its parameter, on every list`, async (t) => {
    const server = await open(t)
    for (const [list, queries] of Object.entries(WRONG)) {
      assert.equal((await server.admin('GET', list)).status, 200, list)
      for (const [query, named] of queries) {
        const reply = await server.admin('GET', `${list}?${query}`)
        assert.equal(outcomeOf(reply), '400 invalid_request', `${list}?${query}`)
        assert.match(problemOf(reply).detail, named, `${list}?${query}`)
      }
    }
    assert.doesNotMatch(server.printed(), /"level":50/)
  })

  test(`${name}: every list that has pages is read whole, one at a time, by its own next`, async (t) => {
    const server = await open(t)
    for (const person of people) {
      await server.logIn(loner, person)
      await server.logIn(shop, person)
    }
    for (const account of ['owner', 'stranger']) {
      server.wechat.bind(loner.appId, account)
      for (const person of people) await server.logIn(loner, person) // unifies the two, then says another unionid
    }
    const whole = async <Item>(path: string): Promise<Item[]> => {
      const found: Item[] = []
      for (let next: string | null = ''; next !== null; ) {
        const reply = await server.admin('GET', `${path}limit=1${next && `&after=${next}`}`)
        assert.equal(reply.status, 200, reply.text)
        const page = reply.body as List<Item>
        found.push(...page.items)
        next = page.next
      }
      return found
    }
    const atOnce = async <Item>(path: string) => ((await server.admin('GET', path)).body as List<Item>).items
    assert.equal((await whole<UserReply>('users?')).length, people.length)
    assert.equal((await whole<UnificationReply>('unifications?')).length, people.length)
    assert.equal((await whole<ConflictReply>('conflicts?all=true&')).length, people.length)
    const logins = await whole<EventReply>('events?kind=login&')
    assert.equal(logins.length, 4 * people.length)
    assert.deepEqual(logins, await atOnce('events?kind=login'))
    const [last] = logins
    assert.deepEqual(last?.detail, { decision: 'conflict', method: 'code' })
    const mine = await whole<EventReply>(`events?userId=${last?.userId}&kind=conflict_recorded&`)
    assert.deepEqual(mine, await atOnce(`events?userId=${last?.userId}&kind=conflict_recorded`))
    assert.equal(mine.length, 1)
  })
}

test('what an operator and a person do is written down with their names, in one request each', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  await server.admin('POST', `users/${mei.user.id}/block`)
  await server.admin('POST', `users/${mei.user.id}/unblock`)
  const again = await server.logIn(shop, 'mei')
  await server.post('/v1/logout', undefined, { token: again.accessToken })
  const third = await server.logIn(shop, 'mei')
  await server.post('/v1/logout', { refreshToken: third.refreshToken })
  await server.ask('DELETE', '/v1/me', { token: (await server.logIn(shop, 'mei')).accessToken })
  const events = ((await server.admin('GET', `events?userId=${mei.user.id}`)).body as List<EventReply>).items.reverse()
  const me = `user:${mei.user.id}`
  assert.deepEqual(
    events.map(({ kind, actor }) => [kind, actor]),
    [
      ['login', `app:${shop.appId}`],
      ['user_blocked', 'operator'],
      ['user_unblocked', 'operator'],
      ['login', `app:${shop.appId}`],
      ['session_ended', me],
      ['login', `app:${shop.appId}`],
      ['session_ended', me],
      ['login', `app:${shop.appId}`],
      ['user_deleted', me],
    ],
  )
  assert.equal(new Set(events.map(({ requestId }) => requestId)).size, events.length)
})
