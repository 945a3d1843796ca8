import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Me } from '@hufu/contract'
import { createSimulator } from '@hufu/simulator'
import { ConfigError } from './config.ts'
import { createHufu, type HufuOptions } from './create-hufu.ts'
import type { OutboxEvent } from './domain/events.ts'
import { ProblemError } from './domain/problem-error.ts'

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

test('wrong options are all named at once', async () => {
  const wrong = createHufu({ masterKey: 'short', issuer: 'http://shop.example.com', loginLimit: -1 })
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof ConfigError)
    assert.match(error.message, /HUFU_MASTER_KEY.*\n.*HUFU_ISSUER.*\n.*HUFU_LOGIN_LIMIT/)
    return true
  })
})
