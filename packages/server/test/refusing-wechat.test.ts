import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createSimulator } from '@hufu/simulator'
import { createCall, errcodes, Secret } from '@hufu/wechat'
import { appId, loginCode } from '@hufu/wechat/words'
import { wechatApi } from '../src/adapters/wechat/wechat-api.ts'
import type { CodeApp } from '../src/domain/app.ts'
import type { RealmId } from '../src/domain/ids.ts'
import { ProblemError } from '../src/domain/problem-error.ts'
import { shop } from './fixture/apps.ts'
import { MORNING, SECOND } from './fixture/time.ts'
import { simulatedTransport } from './fixture/wechat.ts'

/** Everything that WeChat may have against an app or a way out to it. */
const FAMILY = [...errcodes.values()]
  .filter(({ code }) => ['app_misconfigured', 'ip_refused', 'quota_exhausted'].includes(code))
  .map(({ errcode }) => errcode)

/** Those that a login has been refused with, and the limit of a person; every one in the long run. */
const MEASURED = process.env.HUFU_TEST_DEEP ? [...FAMILY, 45011] : [40013, 40125, 40164, 41004, 45009, 45011, 50002]

/** WeChat behind the port, as the server has it, under a clock that the test moves. */
function newWeChat(seed: string) {
  let now = MORNING
  const simulator = createSimulator({ seed, now: () => now, callsPerMinute: 0, keepCalls: 0 })
  simulator.addApp({ appId: shop.appId, kind: shop.kind, secret: shop.secret, openAccount: null })
  simulator.addPerson({ name: 'mei' })
  const logged: string[] = []
  const log = {
    debug() {},
    info: (event: string) => void logged.push(event),
    warn: (event: string) => void logged.push(event),
    error: (event: string, _error: Error, fields = {}) => void logged.push(`${event} ${JSON.stringify(fields)}`),
  }
  const wechat = wechatApi({ call: createCall(simulatedTransport(simulator)), clock: { now: () => now }, log })
  const app: CodeApp = {
    id: appId(shop.appId),
    realmId: 'default' as RealmId,
    kind: shop.kind,
    name: 'shop',
    secret: new Secret('AppSecret', shop.secret),
    origins: [],
    createdAt: 0,
  }
  return {
    simulator,
    logged,
    now: () => now,
    pass: (ms: number) => {
      now += ms
    },
    /** One login of somebody from a place of many; answers the code of the refusal, or `somebody`. */
    logIn: (place: number): Promise<string> =>
      wechat.identify(app, loginCode(simulator.login(shop.appId, 'mei')), `10.0.${place}.0`).then(
        () => 'somebody',
        (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
      ),
  }
}

/** A stream of numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: string): () => number {
  let state = [...seed].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

for (const { share, logins } of [
  { share: 0.01, logins: 10_000 },
  { share: 0.02, logins: 10_000 },
  { share: 0.1, logins: 10_000 },
  { share: 0.3, logins: 20_000 }, // by chance two points off once in a billion runs
]) {
  const seed = randomUUID()
  test(`A5 given ${share * 100} % of WeChat’s answers that refuse, then as many logins are refused and no more (seed ${seed})`, async () => {
    const random = randomOf(seed)
    for (const errcode of MEASURED) {
      const wechat = newWeChat(`${seed} ${errcode}`)
      wechat.simulator.fault({ fault: 'errcode', errcode, rate: share })
      let refused = 0
      for (let n = 0; n < logins; n++) {
        wechat.pass(Math.floor(random() * 400))
        if ((await wechat.logIn(n % 200)) !== 'somebody') refused++
      }
      const measured = refused / logins
      assert.ok(Math.abs(measured - share) <= 0.02, `errcode ${errcode}: ${measured} of the logins were refused`)
    }
  })
}

test('A5 given a WeChat that refuses every call, then the app pauses within 3 s and resumes within 2 s of recovery', async () => {
  for (const errcode of FAMILY) {
    for (const gap of [7, 50, 290]) {
      const wechat = newWeChat(`whole ${errcode} ${gap}`)
      const logInFor = async (ms: number): Promise<string[]> => {
        const outcomes: string[] = []
        for (const end = wechat.now() + ms; wechat.now() < end; wechat.pass(gap)) {
          outcomes.push(await wechat.logIn(outcomes.length % 200))
        }
        return outcomes
      }
      await logInFor(SECOND)
      wechat.simulator.fault({ fault: 'errcode', errcode })
      await logInFor(3 * SECOND)
      const before = wechat.simulator.callCount()
      const outcomes = await logInFor(10 * SECOND)
      const asked = wechat.simulator.callCount() - before
      assert.deepEqual([...new Set(outcomes)], ['server_misconfigured'])
      if (errcodes.get(errcode)?.code === 'ip_refused') assert.equal(asked, outcomes.length, 'an address pauses nobody')
      else assert.ok(asked >= 7 && asked <= 11, `errcode ${errcode}: ${asked} calls in ten seconds`)

      wechat.simulator.clearFaults()
      await logInFor(2 * SECOND)
      assert.deepEqual([...new Set(await logInFor(SECOND))], ['somebody'], `errcode ${errcode}`)
    }
  }
})

test('A5 given an address that is not on the app’s list, then the operator is told the address that WeChat saw', async () => {
  for (const [errmsg, seen] of [
    [
      'invalid ip 198.51.100.9 ipv6 ::ffff:198.51.100.9, not in whitelist rid: 6583d1c8-0b1cbc35-6ae4ac51',
      '198.51.100.9',
    ],
    ['invalid ip 2001:db8:4::1f, not in whitelist', '2001:db8:4::1f'],
    ['invalid ip 192.0.2.55, not in whitelist, hints: [ req_id: HJDAbXNre-kGEb1a ]', '192.0.2.55'],
  ] as const) {
    const wechat = newWeChat(seen)
    wechat.simulator.fault({ fault: 'errcode', errcode: 40164, errmsg, rate: 0.5 })
    for (let n = 0; n < 100; n++) await wechat.logIn(n)
    assert.equal(wechat.logged.length, 1, 'once, not for every login')
    assert.ok(wechat.logged[0]?.includes(`"seenAddress":"${seen}"`), wechat.logged[0])
  }
})
