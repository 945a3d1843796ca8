import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Me } from '@hufu/contract'
import { createSimulator } from '@hufu/simulator'
import { ConfigError } from './config/config.ts'
import { createHufu } from './create-hufu.ts'
import type { OutboxEvent } from './domain/events.ts'
import { ProblemError } from './domain/problem-error.ts'
import type { HufuOptions } from './hufu-options.ts'

const shop = { appId: 'wx00000000000000a1', secret: 'a-secret-of-the-shop' }
const club = { appId: 'wx00000000000000a2', secret: 'a-secret-of-the-club' }

/** A WeChat with one person in two apps, and what is needed to start Hufu on it, again and again. */
async function newWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-library-'))
  const simulator = createSimulator({ seed: folder })
  for (const app of [shop, club]) simulator.addApp({ ...app, kind: 'miniprogram', openAccount: null })
  simulator.addPerson({ name: 'mei' })
  const wechat = await simulator.listen()
  const options: HufuOptions = {
    mode: 'development',
    masterKey: randomBytes(32).toString('base64'),
    issuer: 'http://127.0.0.1:1',
    database: `file:${join(folder, 'hufu.db')}`,
    wechatBaseUrl: wechat.url,
    apps: [shop, club],
    logLevel: 'silent',
  }
  const logIn = async (hufu: Awaited<ReturnType<typeof createHufu>>, { appId }: { appId: string }) =>
    hufu.logIn({ appId, code: simulator.login(appId, 'mei') })
  const end = async () => {
    await wechat.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { simulator, options, logIn, end }
}

/** Collects events until there are as many as asked for. */
function listener() {
  const heard: OutboxEvent[] = []
  let wake = (): void => undefined
  return {
    heard,
    onEvent(event: OutboxEvent) {
      heard.push(event)
      wake()
    },
    async until(count: number) {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

test('an application hears of users created and unified, in order', async () => {
  const world = await newWorld()
  const ear = listener()
  const hufu = await createHufu({ ...world.options, onEvent: ear.onEvent })
  const inShop = await world.logIn(hufu, shop)
  const inClub = await world.logIn(hufu, club)
  for (const { appId } of [shop, club]) world.simulator.bind(appId, 'owner')
  await world.logIn(hufu, shop)
  const unified = await world.logIn(hufu, club)
  await ear.until(3)
  assert.deepEqual(
    ear.heard.map(({ kind, userId, detail }) => ({ kind, userId, detail })),
    [
      { kind: 'user.created', userId: inShop.user.id, detail: { appId: shop.appId } },
      { kind: 'user.created', userId: inClub.user.id, detail: { appId: club.appId } },
      { kind: 'user.unified', userId: inShop.user.id, detail: { absorbed: inClub.user.id } },
    ],
  )
  assert.deepEqual(unified.user, { id: inShop.user.id, isNew: false, formerIds: [inClub.user.id] })
  assert.equal((await hufu.user(inClub.user.id))?.id, inShop.user.id)
  await hufu.close()
  await world.end()
})

test('an event whose listener failed comes again, and so do those after a restart', async () => {
  const world = await newWorld()
  const first = await createHufu({
    ...world.options,
    onEvent: () => {
      throw new TypeError('the shop is closed')
    },
  })
  const { user } = await world.logIn(first, shop)
  await first.close()
  const ear = listener()
  const second = await createHufu({ ...world.options, onEvent: ear.onEvent })
  await ear.until(1)
  assert.deepEqual([ear.heard[0]?.kind, ear.heard[0]?.userId], ['user.created', user.id])
  await second.close()
  await world.end()
})

test('the same routes answer inside the application, and its methods know the same people', async () => {
  const world = await newWorld()
  const hufu = await createHufu(world.options)
  const login = await world.logIn(hufu, shop)
  const request = new Request('http://shop.test/v1/me', { headers: { authorization: `Bearer ${login.accessToken}` } })
  const me = (await (await hufu.fetch(request)).json()) as Me
  assert.equal(me.id, login.user.id, JSON.stringify(me))
  assert.deepEqual(await hufu.authenticate(login.accessToken), {
    userId: login.user.id,
    sessionId: login.refreshToken.split('.')[0],
    appId: shop.appId,
  })
  const next = await hufu.refresh(login.refreshToken)
  assert.equal(next.user.id, login.user.id)
  assert.equal(await hufu.endSessions(login.user.id), 1)
  await assert.rejects(hufu.authenticate(next.accessToken), { name: 'ProblemError', code: 'token_invalid' })
  await hufu.blockUser(login.user.id)
  await assert.rejects(
    world.logIn(hufu, shop),
    (error) => error instanceof ProblemError && error.code === 'user_blocked',
  )
  await hufu.unblockUser(login.user.id)
  assert.equal((await world.logIn(hufu, shop)).user.id, login.user.id)
  await hufu.close()
  await world.end()
})

/** What the library says about options that it does not take. */
async function problemOf(options: unknown): Promise<string> {
  const refused = await createHufu(options as HufuOptions).catch((error: unknown) => error)
  assert.ok(refused instanceof ConfigError, String(refused))
  return refused.message
}

test('C26 wrong options are all named at once, as the caller knows them', async () => {
  assert.match(
    await problemOf({ masterKey: 'short', issuer: 'http://shop.example.com', loginLimit: -1 }),
    /^masterKey: expected 32 bytes in base64.*\nissuer: expected the public https.*\nloginLimit: expected a whole number.*$/,
  )
  const good = { masterKey: randomBytes(32).toString('base64'), issuer: 'https://shop.example.com' }
  const wrong: [object, RegExp][] = [
    [{ masterKey: undefined }, /^masterKey: required; make one with: hufu key make$/],
    [{ issuer: undefined }, /^issuer: expected the public https address/],
    [{ masterKey: Buffer.alloc(32) }, /^masterKey: expected plain text$/],
    [{ database: 'postgres://app:p@ss/w:rd@host' }, /^database: percent-encode the password/],
    [{ database: '' }, /^database: is empty; name a path/],
    [{ database: 'file:~/hufu.db' }, /^database: begins with ~/],
    [{ loginLimit: Number.NaN }, /^loginLimit: expected a whole number/],
    [{ exposeWeChatIds: 'yes' }, /^exposeWeChatIds: expected true or false$/],
    [{ trustedProxies: 'all' }, /^trustedProxies: expected a number of proxies/],
    [{ wechatBaseUrl: 'http://127.0.0.1:1' }, /^wechatBaseUrl: only in development/],
    [
      { onEvent: 'x', addressOf: null, apps: {} },
      /^apps: expected a list.*\naddressOf: expected a.*\nonEvent: expected a/,
    ],
    [{ masterkey: 'x', port: 80 }, /^masterkey: is not an option of createHufu\nport: is not an option of createHufu$/],
  ]
  for (const [options, said] of wrong) {
    const message = await problemOf({ ...good, ...options })
    assert.match(message, said)
    assert.doesNotMatch(message, /HUFU_/)
  }
})

test('C26 what the database has against the options is said in their names too', async () => {
  const world = await newWorld()
  const first = await createHufu(world.options)
  const refused = (options: Partial<HufuOptions>, said: RegExp) =>
    assert.rejects(createHufu({ ...world.options, ...options }), (error: Error) => {
      assert.match(error.message, said)
      assert.doesNotMatch(error.message, /HUFU_/)
      return true
    })
  await refused({}, /^Another process holds this data folder.*give this one a database of its own/)
  await first.close()
  const masterKey = randomBytes(32).toString('base64')
  await refused({ masterKey }, /^masterKey is not the key.*give the old one as previousMasterKey/)
  await refused({ mode: 'production', wechatBaseUrl: undefined as never, issuer: 'https://x.example' }, /Set mode=dev/)
  await refused({ apps: [shop, { appId: 'wx1', secret: 'x' }] }, /^apps\[1\]: Wrong: secret/)
  await refused({ apps: [{ ...shop, realm: 'nowhere' }] }, /^apps\[0\]: /)
  await world.end()
})

test('a login and a refresh hand out what the wire does, and nothing of how it came about', async () => {
  const world = await newWorld()
  const hufu = await createHufu(world.options)
  const login = await world.logIn(hufu, shop)
  const members = ['accessToken', 'appId', 'expiresIn', 'openid', 'refreshToken', 'unionid', 'user']
  assert.deepEqual(Object.keys(login).sort(), members)
  assert.deepEqual(Object.keys(await hufu.refresh(login.refreshToken)).sort(), members)
  await hufu.close()
  await world.end()
})

test('T30 a login counts against the address that the application names, and against none without', async () => {
  const world = await newWorld()
  const hufu = await createHufu({ ...world.options, loginLimit: 2 })
  const logIn = (clientAddress?: string) =>
    hufu.logIn({
      appId: shop.appId,
      code: world.simulator.login(shop.appId, 'mei'),
      ...(clientAddress === undefined ? {} : { clientAddress }),
    })
  await logIn('203.0.113.7')
  await logIn('::ffff:203.0.113.7')
  await assert.rejects(logIn('203.0.113.7'), { name: 'ProblemError', code: 'rate_limited' })
  await logIn('203.0.113.8')
  await logIn('2001:db8::1')
  await logIn('2001:db8::2')
  await assert.rejects(logIn('2001:db8::3'), { name: 'ProblemError', code: 'rate_limited' })
  for (let count = 0; count < 3; count++) await logIn()
  for (const wrong of ['', 'x', '203.0.113.7:', '2001:db8::/64', '999.1.1.1']) {
    await assert.rejects(logIn(wrong), { name: 'ProblemError', code: 'invalid_request', message: /clientAddress/ })
  }
  await hufu.close()
  await world.end()
})

test('what a caller hands over is read, not believed', async () => {
  const world = await newWorld()
  const hufu = await createHufu(world.options)
  const { user } = await world.logIn(hufu, shop)
  const invalid = { name: 'ProblemError', code: 'invalid_request' }
  for (const id of ['', 'x', `${user.id} `, user.id.toUpperCase(), "usr_' OR 1=1 --", undefined, null, 7, {}]) {
    for (const act of [hufu.user, hufu.blockUser, hufu.unblockUser, hufu.endSessions]) {
      await assert.rejects(act(id as string), invalid, JSON.stringify(id))
    }
  }
  assert.equal(await hufu.user(`usr_${'0'.repeat(26)}`), undefined)
  await assert.rejects(hufu.blockUser(`usr_${'0'.repeat(26)}`), { name: 'ProblemError', code: 'not_found' })
  for (const input of [{}, { appId: shop.appId }, { appId: 7, code: 'x' }, { appId: shop.appId, code: null }]) {
    await assert.rejects(hufu.logIn(input as never), invalid)
  }
  for (const nonce of ['', 'short', 'x'.repeat(65), 'sixteen letters!'])
    await assert.rejects(hufu.logIn({ appId: shop.appId, code: 'x', nonce }), invalid)
  await assert.rejects(hufu.refresh(undefined as never), invalid)
  assert.equal((await hufu.user(user.id))?.id, user.id)
  await hufu.close()
  await world.end()
})
