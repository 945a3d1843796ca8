import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everything, type Outcome, runScenario, type Step, scenarioOf } from './run-scenario.ts'

const numRuns = process.env.HUFU_TEST_DEEP ? 1500 : 100

const everyWay = (scenario: fc.Arbitrary<Step[]>, copies: number, check: (outcome: Outcome) => Promise<void> | void) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), scenario, async (scheduler, steps) =>
      check(await runScenario(scheduler, steps, copies)),
    ),
    { numRuns },
  )

/** Whatever happened: each request was sent at most twice, the second time after a 401, and for the same person. */
function nothingWasSwapped({ phone, ends }: Outcome): void {
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
async function allIsWell({ phone, copies }: Outcome): Promise<void> {
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
    everyWay(scenarioOf(...everything), copies, async (outcome) => {
      nothingWasSwapped(outcome)
      await allIsWell(outcome)
    }))

  test(`${many}: given no logout and no failure, then every request succeeds with one login each time one is needed`, () =>
    everyWay(scenarioOf('request', 'login', 'ready', 'keys change', 'sessions end'), copies, (outcome) => {
      nothingWasSwapped(outcome)
      for (const how of outcome.ends.values()) assert.match(how, /^(200|401|ok)$/)
      const needs = 1 + outcome.times('sessions end')
      assert.ok(outcome.phone.fake.count('login') <= needs * copies, `${outcome.phone.fake.count('login')} logins`)
      assert.equal(outcome.phone.hufu.count('/v1/login'), outcome.phone.fake.count('login'))
    }))

  test(`${many}: given a logout, then no request from before it signs the person in again`, () =>
    everyWay(
      scenarioOf('request', 'ready', 'logout', 'tokens end', 'keys change', 'an answer is lost'),
      copies,
      async (outcome) => {
        nothingWasSwapped(outcome)
        await outcome.phone.wait(Promise.all(outcome.copies.map((client) => client.logout())))
        await outcome.phone.time.advance(60_000)
        for (const client of outcome.copies) assert.equal(client.user(), null)
        // Two copies that signed in at the same moment made two sessions, and only one of them is known to both.
        if (copies === 1 && outcome.times('an answer is lost') === 0)
          assert.deepEqual(outcome.phone.hufu.liveSessions(), [])
      },
    ))
}

test('T19 given expiries and 401s in any order, then one login is made and no refresh looks like theft', () =>
  everyWay(scenarioOf('request', 'login', 'tokens end', 'keys change', 'an answer is lost'), 1, (outcome) => {
    const { phone } = outcome
    nothingWasSwapped(outcome)
    const lost = outcome.times('an answer is lost')
    if (lost === 0) assert.equal(phone.fake.count('login'), Math.min(1, outcome.ends.size))
    const refused = phone.hufu.seen.filter((request) => request.path === '/v1/refresh' && request.answered === 401)
    // A phone that sleeps for an hour between a refresh and its repetition does lose the session.
    if (lost === 0 || (lost === 1 && outcome.times('tokens end') === 0)) assert.deepEqual(refused, [])
    assert.ok(phone.hufu.liveSessions().length <= 1 + lost)
  }))
