import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everything, live, type Step, storyOf, type World } from './world.ts'

const numRuns = process.env.HUFU_TEST_DEEP ? 1500 : 100

const everyWay = (story: fc.Arbitrary<Step[]>, copies: number, check: (world: World) => Promise<void> | void) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), story, async (scheduler, steps) => check(await live(scheduler, steps, copies))),
    { numRuns },
  )

/** Whatever happened: each request was sent at most twice, the second time after a 401, and for the same person. */
function nothingWasSwapped({ phone, ends }: World): void {
  for (const [name, how] of ends) {
    const attempts = phone.hufu.seen.filter((request) => request.path === name)
    assert.ok(attempts.length <= 2, `${name} was sent ${attempts.length} times`)
    if (attempts.length === 2) assert.equal(attempts[0]?.answered, 401)
    const people = attempts.map(({ authorization }) => /^Bearer access-(\w+)-/.exec(authorization ?? '')?.[1])
    assert.ok(new Set(people).size <= 1, `${name} was sent as ${people.join(' and ')}`)
    assert.doesNotMatch(how, /not of ours/)
  }
  assert.ok(phone.fake.loginsInBusiestSecond() <= 4)
}

/** Afterwards, with the trouble over, one login call is enough and the token works. */
async function allIsWell({ phone, copies }: World): Promise<void> {
  phone.fake.clearFaults()
  phone.hufu.forgetPlans()
  await phone.time.advance(60_000)
  for (const client of copies) {
    await phone.wait(client.login())
    assert.equal((await phone.wait(client.request({ url: '/after' }))).statusCode, 200)
  }
}

for (const copies of [1, 2]) {
  const many = copies === 1 ? 'one copy' : 'two copies'

  test(`${many}: given every kind of failure in any order, then each promise settles, no token is mixed up, and the client recovers`, () =>
    everyWay(storyOf(...everything), copies, async (world) => {
      nothingWasSwapped(world)
      await allIsWell(world)
    }))

  test(`${many}: given no logout and no failure, then every request succeeds with one login each time one is needed`, () =>
    everyWay(storyOf('request', 'login', 'ready', 'keys change', 'sessions end'), copies, (world) => {
      nothingWasSwapped(world)
      for (const how of world.ends.values()) assert.match(how, /^(200|401|ok)$/)
      const needs = 1 + world.times('sessions end')
      assert.ok(world.phone.fake.count('login') <= needs * copies, `${world.phone.fake.count('login')} logins`)
      assert.equal(world.phone.hufu.count('/v1/login'), world.phone.fake.count('login'))
    }))

  test(`${many}: given a logout, then no request from before it signs the person in again`, () =>
    everyWay(
      storyOf('request', 'ready', 'logout', 'tokens end', 'keys change', 'an answer is lost'),
      copies,
      async (world) => {
        nothingWasSwapped(world)
        await world.phone.wait(Promise.all(world.copies.map((client) => client.logout())))
        await world.phone.time.advance(60_000)
        for (const client of world.copies) assert.equal(client.user(), null)
        // Two copies that signed in at the same moment made two sessions, and only one of them is known to both.
        if (copies === 1 && world.times('an answer is lost') === 0)
          assert.deepEqual(world.phone.hufu.liveSessions(), [])
      },
    ))
}

test('T19 given expiries and 401s in any order, then one login is made and no refresh looks like theft', () =>
  everyWay(storyOf('request', 'login', 'tokens end', 'keys change', 'an answer is lost'), 1, (world) => {
    const { phone } = world
    nothingWasSwapped(world)
    const lost = world.times('an answer is lost')
    if (lost === 0) assert.equal(phone.fake.count('login'), Math.min(1, world.ends.size))
    const refused = phone.hufu.seen.filter((request) => request.path === '/v1/refresh' && request.answered === 401)
    // A phone that sleeps for an hour between a refresh and its repetition does lose the session.
    if (lost === 0 || (lost === 1 && world.times('tokens end') === 0)) assert.deepEqual(refused, [])
    assert.ok(phone.hufu.liveSessions().length <= 1 + lost)
  }))
