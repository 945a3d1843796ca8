import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulator } from '@hufu/simulator'
import { createCall, Secret } from '@hufu/wechat'
import { appId, loginCode } from '@hufu/wechat/words'
import { APP_KINDS, type AppKind, type CodeApp } from '../../domain/app.ts'
import type { RealmId } from '../../domain/ids.ts'
import { EXCHANGES } from './exchanges.ts'

/** What WeChat has for each kind: the call that redeems its codes, and whether a session_key comes of it. */
const EXPECTED: Record<AppKind, { path: string; sessionKey: boolean }> = {
  miniprogram: { path: '/sns/jscode2session', sessionKey: true },
  'official-account': { path: '/sns/oauth2/access_token', sessionKey: false },
  website: { path: '/sns/oauth2/access_token', sessionKey: false },
  mobile: { path: '/sns/oauth2/access_token', sessionKey: false },
}

const secret = 'secret-of-the-app'
const id = appId('wx1')

/** Mei comes to an app of this kind; what her code is redeemed for. */
async function redeem(kind: AppKind, options: { snapshot?: boolean } = {}) {
  const wechat = createSimulator()
  wechat.addApp({ appId: id, kind, secret, openAccount: 'owner' })
  wechat.addPerson({ name: 'mei' })
  const code = loginCode(wechat.login(id, 'mei', options))
  const app: CodeApp = {
    id,
    realmId: 'default' as RealmId,
    kind,
    name: 'shop',
    secret: new Secret('AppSecret', secret),
    origins: [],
    createdAt: 0,
  }
  const call = createCall(async (path, query) => {
    const { status, body } = wechat.answer('GET', `${path}?${new URLSearchParams(query)}`)
    return { status, text: body.toString() }
  })
  return { wechat, person: await EXCHANGES[kind](app, code, call) }
}

test('each kind of app redeems its codes with the call that WeChat has for it', async () => {
  for (const kind of APP_KINDS) {
    const { wechat, person } = await redeem(kind)
    assert.deepEqual(
      wechat.calls().map(({ path, errcode }) => ({ path, errcode })),
      [{ path: EXPECTED[kind].path, errcode: null }],
    )
    assert.equal(person.openid, wechat.openid(id, 'mei'), kind)
    assert.equal(person.sessionKey?.reveal(), EXPECTED[kind].sessionKey ? wechat.sessionKey(id, 'mei') : undefined)
    assert.equal(person.snapshot, false)
  }
})

test('a page of an official account in snapshot mode tells a virtual account', async () => {
  const { wechat, person } = await redeem('official-account', { snapshot: true })
  assert.equal(person.snapshot, true)
  assert.notEqual(person.openid, wechat.openid(id, 'mei'))
})
