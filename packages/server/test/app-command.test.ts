import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AppCheckReply } from '@hufu/contract'
import { club, news, shop, site } from './fixture/apps.ts'
import { newProcessFixture, type Settings, startHufu } from './fixture/process.ts'
import { hufu, productionSettings, type Ran } from './fixture/production.ts'
import { problemOf, refusalOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

type Run = (...words: string[]) => Promise<Ran>

/** The command on a database of its own, with a server running or without. */
async function commands(t: TestContext, more: Settings, { serving }: { serving: boolean }): Promise<Run> {
  const settings = productionSettings(t, more)
  if (serving) await startHufu(t, settings)
  else await hufu(t, settings, ['migrate'])
  return (...words) => hufu(t, settings, words)
}

for (const serving of [true, false]) {
  test(`C13 hufu app origins adds, removes and lists ${serving ? 'through the server' : 'on the database'}`, async (t) => {
    const run = await commands(t, {}, { serving })
    await run('app', 'add', shop.appId, '--no-secret')
    const origins = async (...words: string[]): Promise<string[]> => {
      const { status, stdout, stderr } = await run('app', 'origins', ...words)
      assert.equal(status, 0, stderr)
      return stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    }
    assert.deepEqual(await origins(shop.appId), [])
    assert.deepEqual(await origins(shop.appId, 'add', 'https://a.example', 'http://localhost:5173'), [
      'https://a.example',
      'http://localhost:5173',
    ])
    assert.deepEqual((await origins(shop.appId, 'add', 'https://a.example')).toSorted(), [
      'http://localhost:5173',
      'https://a.example',
    ])
    assert.deepEqual(await origins(shop.appId, 'remove', 'https://a.example', 'https://never.example'), [
      'http://localhost:5173',
    ])
    assert.deepEqual(await origins(shop.appId, 'list'), ['http://localhost:5173'])
    for (const [words, says] of [
      [[shop.appId, 'add', 'https://a.example/path'], /Wrong: origins/],
      [[shop.appId, 'add'], /Name the origins to add/],
      [[shop.appId, 'forget', 'https://a.example'], /Expected one of list, add, remove/],
      [[club.appId, 'list'], /does not know the app/],
    ] as const) {
      const { status, stderr } = await run('app', 'origins', ...words)
      assert.notEqual(status, 0)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /^ {4}at /m)
    }
  })
}

/** A file with an AppSecret in it. */
function secretFile(t: TestContext, secret: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-secret-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, secret)
  return file
}

test('C14 an id or a secret of the wrong form is refused with what it is and where the right one stands', async (t) => {
  const server = await newServer(t)
  const secret = 'a'.repeat(32)
  const refusal = async (app: object): Promise<string> => {
    const [added, checked] = [await server.admin('POST', 'apps', app), await server.admin('POST', 'apps/check', app)]
    assert.equal(refusalOf(added), '400 invalid_request', JSON.stringify(app))
    assert.equal(problemOf(checked).detail, problemOf(added).detail)
    return problemOf(added).detail
  }
  const before = server.wechat.callCount()
  for (const [appId, says] of [
    ['gh_870882ca4b10', /original id \(原始ID\).*mp\.weixin\.qq\.com/],
    ['GH_0123456789ab', /original id/],
    ['ww0123456789abcdef', /WeCom/],
    ['WX0123456789ABCDEF', /small letters/],
    ['wx0123456789abcdeF', /small letters/],
    ['wx0123456789abcde', /this has 17 characters/],
    ['wx0123456789abcdef0', /this has 19 characters/],
    ['0123456789abcdef', /this has 16 characters/],
    ['0123456789abcdef0123456789abcdef', /looks like an AppSecret/],
  ] as const) {
    for (const kind of ['miniprogram', 'official-account', 'website']) {
      const detail = await refusal({ appId, secret, kind })
      assert.match(detail, says)
      assert.ok(!detail.includes(appId), 'nothing is quoted')
    }
  }
  for (const length of [31, 33, 8, 64]) {
    const detail = await refusal({ appId: 'wx0123456789abcdef', secret: 'b'.repeat(length) })
    assert.match(detail, new RegExp(`32 characters; this has ${length}\\)`))
  }
  const changed = await server.admin('PATCH', `apps/${shop.appId}`, { secret: 'c'.repeat(31) })
  assert.match(problemOf(changed).detail, /this has 31/)
  assert.equal(server.wechat.callCount(), before)
})

test('C14 WeChat says whether AppID and AppSecret fit, and every refusal comes with its cause and cure', async (t) => {
  const server = await newServer(t)
  const check = async (app: object): Promise<AppCheckReply> => {
    const reply = await server.admin('POST', 'apps/check', app)
    assert.equal(reply.status, 200, reply.text)
    assert.doesNotMatch(reply.text, /"\d+_[\w-]{9}/)
    return reply.body as AppCheckReply
  }
  for (const { appId, kind, secret } of [shop, club, news, site]) {
    const before = server.wechat.callCount()
    assert.deepEqual(await check({ appId, kind, secret }), { verdict: 'accepted' }, kind)
    assert.equal(server.wechat.callCount(), before + 1)
    assert.equal((await check({ appId, kind, secret: 'f'.repeat(32) })).errcode, 40125, kind)
    assert.equal((await check({ appId: 'wxffffffffffffffff', kind, secret })).errcode, 40013, kind)
  }
  for (const [errcode, verdict] of [
    [40001, 'refused'],
    [40013, 'refused'],
    [40125, 'refused'],
    [40243, 'refused'],
    [40164, 'unknown'],
    [89503, 'unknown'],
    [45009, 'unknown'],
    [50002, 'unknown'],
    [-1, 'unknown'],
    [77777, 'unknown'],
  ] as const) {
    for (const { appId, kind, secret } of [shop, site]) {
      server.wechat.fault({ fault: 'errcode', errcode, times: 1, ...(errcode === 77777 ? { errmsg: 'news' } : {}) })
      const found = await check({ appId, kind, secret })
      assert.deepEqual([found.verdict, found.errcode], [verdict, errcode], `${errcode} ${kind}`)
      for (const text of [found.cause?.en, found.cause?.zh, found.cure?.en, found.cure?.zh]) assert.ok(text)
      if (errcode === 40164) assert.equal(found.seenAddress, '203.0.113.7')
    }
  }
})

test('C14 checking ends nobody’s access token', async (t) => {
  const server = await newServer(t)
  const body = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
  const tokens = () => [
    JSON.parse(server.wechat.answer('POST', '/cgi-bin/stable_token', JSON.stringify(body)).body.toString())
      .access_token,
  ]
  const before = tokens()
  const classic = JSON.parse(
    server.wechat.answer('GET', `/cgi-bin/token?${new URLSearchParams(body)}`).body.toString(),
  ).access_token
  for (let n = 0; n < 3; n++) await server.admin('POST', 'apps/check', { appId: shop.appId, secret: shop.secret })
  assert.deepEqual(tokens(), before)
  const query = new URLSearchParams({ access_token: classic, openid: 'oNobody' })
  assert.equal(server.wechat.answer('GET', `/wxa/checksession?${query}`).errcode, 40003, 'the token itself is good')
})

for (const serving of [true, false]) {
  test(`C14 hufu app add asks WeChat ${serving ? 'through the server' : 'by itself'} before it says that anybody can log in`, async (t) => {
    const { settings, wechat } = await newProcessFixture(t)
    const run: Run = (...words) => hufu(t, settings, words)
    if (serving) await startHufu(t, settings)
    else await run('migrate')
    const good = await run('app', 'add', shop.appId, '--secret-file', secretFile(t, shop.secret))
    assert.equal(good.status, 0, good.stderr)
    assert.match(good.stdout, /WeChat accepts its AppSecret/)
    const wrong = await run('app', 'rotate-secret', shop.appId, '--secret-file', secretFile(t, 'f'.repeat(32)))
    assert.match(wrong.stdout, /errcode 40125: .*AppSecret/)
    assert.doesNotMatch(wrong.stdout + good.stdout, new RegExp(`${shop.secret}|f{32}`))
    const before = wechat.callCount()
    const unasked = await run(
      'app',
      'add',
      news.appId,
      '--kind',
      news.kind,
      '--no-check',
      '--secret-file',
      secretFile(t, news.secret),
    )
    assert.match(unasked.stdout, /WeChat was not asked/)
    assert.equal(wechat.callCount(), before)
    wechat.fault({ fault: 'errcode', errcode: 40164, times: 1 })
    const barred = await run('app', 'add', club.appId, '--secret-file', secretFile(t, club.secret))
    assert.match(barred.stdout, /errcode 40164: .*[\s\S]*WeChat saw the address 203\.0\.113\.7/)
    for (const [words, says] of [
      [['gh_870882ca4b10'], /原始ID/],
      [['wx0123456789abcdef', '--secret-file', secretFile(t, 'short')], /32 characters; this has 5/],
    ] as const) {
      const { status, stderr } = await run('app', 'add', ...words, ...(words.length === 1 ? ['--no-secret'] : []))
      assert.equal(status, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /^ {4}at /m)
    }
  })
}
