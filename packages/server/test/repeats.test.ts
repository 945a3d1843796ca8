import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, MINUTE, newWorld, outcomeOf, type Reply, SECOND, shop, type World } from './world.ts'

const NONCE = 'nonce-of-the-first-post'
const OTHER = 'nonce-of-somebody-else'

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const loginOf = (reply: Reply): LoginReply => {
  assert.equal(reply.status, 200, reply.text)
  return reply.body as LoginReply
}
const events = (world: World, kind: string) => world.rows('SELECT * FROM audit_events WHERE kind = ?', kind)

for (const nonce of [undefined, NONCE]) {
  test(`T07 two hundred posts of one code at once ${nonce ? 'with' : 'without'} a nonce: one call to WeChat, one session`, async (t) => {
    const world = await newWorld(t)
    const body = { appId: shop.appId, code: world.code(shop, 'mei'), ...(nonce ? { nonce } : {}) }
    const replies = await Promise.all(times(200, () => world.post('/v1/login', body)))
    const [first, ...repeats] = replies.map(loginOf)
    assert.equal(world.wechat.callCount(), 1)
    assert.equal(world.count('sessions'), 1)
    assert.equal(world.count('users'), 1)
    for (const { accessToken, ...rest } of repeats) {
      const { accessToken: itsOwn, ...same } = first ?? assert.fail()
      assert.deepEqual(rest, same)
      assert.notEqual(accessToken, itsOwn)
    }
  })
}

test('T07 of two hundred posts with nonces of their own, one gets the session', async (t) => {
  const world = await newWorld(t)
  const code = world.code(shop, 'mei')
  const replies = await Promise.all(
    times(200, (n) => world.post('/v1/login', { appId: shop.appId, code, nonce: `${OTHER}-${n}` })),
  )
  assert.deepEqual(Map.groupBy(replies.map(outcomeOf), (one) => one).get('401 code_spent')?.length, 199)
  assert.equal(world.wechat.callCount(), 1)
  assert.equal(world.count('sessions'), 1)
  assert.equal(events(world, 'code_replayed').length, 199)
})

test('T07 who repeats a code without its nonce gets nothing, and it is written down', async (t) => {
  const world = await newWorld(t)
  const code = world.code(shop, 'mei')
  const post = (nonce?: string) => world.post('/v1/login', { appId: shop.appId, code, ...(nonce ? { nonce } : {}) })
  const { user } = loginOf(await post(NONCE))
  for (const nonce of [undefined, OTHER, NONCE.toUpperCase(), `${NONCE}x`]) {
    assert.equal(outcomeOf(await post(nonce)), '401 code_spent', nonce)
  }
  const replayed = events(world, 'code_replayed')
  assert.equal(replayed.length, 4)
  for (const { user_id, app_id, outcome } of replayed) {
    assert.deepEqual([user_id, app_id, outcome], [user.id, shop.appId, 'refused'])
  }
  loginOf(await post(NONCE))
  assert.equal(world.wechat.callCount(), 1)
})

test('T07 the same code gives the same session for a minute and not longer', async (t) => {
  const world = await newWorld(t)
  const body = { appId: shop.appId, code: world.code(shop, 'mei') }
  const first = loginOf(await world.post('/v1/login', body))
  world.advance(MINUTE - 1)
  assert.equal(loginOf(await world.post('/v1/login', body)).refreshToken, first.refreshToken)
  world.advance(1)
  assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_spent')
  world.advance(3 * MINUTE)
  assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_spent')
  assert.equal(world.wechat.callCount(), 1)
})

const ENDINGS: Record<string, (world: World, login: LoginReply) => Promise<unknown>> = {
  'was refreshed': (world, login) => world.refresh(login.refreshToken),
  'was logged out': (world, login) => world.post('/v1/logout', undefined, { token: login.accessToken }),
  'was blocked with its user': (world, login) => world.admin('POST', `users/${login.user.id}/block`),
  'was ended by an operator': (world, login) => world.admin('POST', `users/${login.user.id}/end-sessions`),
  'was deleted with its user': (world, login) => world.ask('DELETE', '/v1/me', { token: login.accessToken }),
}
for (const [what, end] of Object.entries(ENDINGS)) {
  for (const restart of [false, true]) {
    test(`T07 a code whose session ${what} is spent${restart ? ', after a restart too' : ''}`, async (t) => {
      const world = await newWorld(t)
      const body = { appId: shop.appId, code: world.code(shop, 'mei') }
      await end(world, loginOf(await world.post('/v1/login', body)))
      if (restart) await world.restart()
      assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_spent')
      assert.ok(world.count('sessions') <= 1)
    })
  }
}

test('T07 another process answers a code again as the first one did, and asks for the same nonce', async (t) => {
  const world = await newWorld(t)
  const body = { appId: shop.appId, code: world.code(shop, 'mei'), nonce: NONCE }
  const first = loginOf(await world.post('/v1/login', body))
  await world.restart()
  const again = loginOf(await world.post('/v1/login', body))
  assert.equal(again.refreshToken, first.refreshToken)
  assert.deepEqual(again.user, first.user)
  assert.equal(world.wechat.callCount(), 2, 'WeChat says that the code was used, and the database knows by whom')
  await world.restart()
  assert.equal(outcomeOf(await world.post('/v1/login', { ...body, nonce: OTHER })), '401 code_spent')
  await world.restart()
  world.advance(MINUTE)
  assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_spent')
  assert.equal(world.count('sessions'), 1)
})

test('T07 WeChat used the code up and its answer is lost: the code is spent, the next one works', async (t) => {
  const world = await newWorld(t)
  for (const fault of ['drop-after-redeem', 'hang-after-redeem'] as const) {
    const before = world.wechat.callCount()
    const body = { appId: shop.appId, code: world.code(shop, world.stranger()) }
    world.wechat.fault({ fault, times: 1 })
    const lost = await Promise.all(times(50, () => world.post('/v1/login', body)))
    assert.deepEqual([...new Set(lost.map(outcomeOf))], ['401 code_spent'])
    assert.equal(world.wechat.callCount(), before + 1)
    await world.restart()
    assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_spent', 'WeChat says so by itself')
  }
  assert.equal(world.count('users'), 0)
  await world.logIn(shop, 'mei')
})

test('T07 the first post is refused: everybody who posted the code is refused alike, for one call', async (t) => {
  const world = await newWorld(t)
  const replies = await Promise.all(
    times(200, () => world.post('/v1/login', { appId: shop.appId, code: 'nobody-ever-got-this-code' })),
  )
  assert.deepEqual([...new Set(replies.map(outcomeOf))], ['401 code_invalid'])
  assert.equal(world.wechat.callCount(), 1)
})

test('T07 a failure that leaves the code good is not remembered against it', async (t) => {
  const world = await newWorld(t)
  const body = { appId: shop.appId, code: world.code(shop, 'mei') }
  world.wechat.fault({ fault: 'errcode', errcode: 45011, times: 1 })
  assert.equal(outcomeOf(await world.post('/v1/login', body)), '429 rate_limited')
  loginOf(await world.post('/v1/login', body))
})

test('T07 a code posted for the wrong app stays good for the right one', async (t) => {
  const world = await newWorld(t)
  const code = world.code(shop, 'mei')
  loginOf(await world.post('/v1/login', { appId: shop.appId, code }))
  assert.equal(outcomeOf(await world.post('/v1/login', { appId: club.appId, code })), '401 code_invalid')
  loginOf(await world.post('/v1/login', { appId: shop.appId, code }))
})

test('T15 two hundred first logins of one person in two apps at once make one user', async (t) => {
  const world = await newWorld(t)
  for (let round = 0; round < 5; round++) {
    const person = world.stranger()
    const replies = await Promise.all(
      times(200, (n) => {
        const app = n % 2 === 0 ? shop : club
        return world.post('/v1/login', { appId: app.appId, code: world.code(app, person) })
      }),
    )
    const logins = replies.map(loginOf)
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.equal(logins.filter(({ user }) => user.isNew).length, 1)
    assert.equal(world.count('users'), round + 1)
    assert.equal(world.count('identities'), 2 * (round + 1))
  }
})

test('T15 two unrelated halves of one person, unified by two hundred logins at once, end as one user', async (t) => {
  const world = await newWorld(t)
  for (let round = 0; round < 3; round++) {
    const person = world.stranger()
    world.wechat.bind(loner.appId, null)
    const elder = await world.logIn(loner, person)
    world.advance(SECOND)
    const younger = await world.logIn(shop, person)
    world.wechat.bind(loner.appId, 'owner')
    const replies = await Promise.all(
      times(200, (n) => {
        const app = ([shop, club, loner] as const)[n % 3] ?? shop
        return world.post('/v1/login', { appId: app.appId, code: world.code(app, person) })
      }),
    )
    const last = await world.logIn(shop, person)
    assert.deepEqual([...new Set(replies.map(outcomeOf))], ['200'])
    assert.deepEqual(last.user, { id: elder.user.id, isNew: false, formerIds: [younger.user.id] })
    assert.equal(world.count('unifications'), round + 1)
  }
})
