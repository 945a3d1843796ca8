import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall, Secret } from '@hufu/wechat'
import { appId, loginCode } from '@hufu/wechat/words'
import { APP_KINDS, type CodeApp } from '../../domain/app.ts'
import type { RealmId } from '../../domain/ids.ts'
import { EXCHANGES } from './exchanges.ts'

const sessionKey = 'AAAAAAAAAAAAAAAAAAAAAA=='
const answers: Record<string, object> = {
  '/sns/jscode2session': { openid: 'o-mei', session_key: sessionKey },
  '/sns/oauth2/access_token': { openid: 'o-mei', access_token: 'token', scope: 'snsapi_base', is_snapshotuser: 1 },
}

test('each kind of app redeems its codes with the call that WeChat has for it', async () => {
  const found: Record<string, unknown> = {}
  for (const kind of APP_KINDS) {
    const asked: string[] = []
    const call = createCall(async (path) => {
      asked.push(path)
      return { status: 200, text: JSON.stringify(answers[path]) }
    })
    const app: CodeApp = {
      id: appId('wx1'),
      realmId: 'default' as RealmId,
      kind,
      name: 'shop',
      secret: new Secret('AppSecret', 'secret'),
      origins: [],
      createdAt: 0,
    }
    const person = await EXCHANGES[kind](app, loginCode('code'), call)
    found[kind] = { asked, openid: person.openid, key: person.sessionKey?.reveal(), snapshot: person.snapshot }
  }
  const oauth = { asked: ['/sns/oauth2/access_token'], openid: 'o-mei', key: undefined, snapshot: true }
  assert.deepEqual(found, {
    miniprogram: { asked: ['/sns/jscode2session'], openid: 'o-mei', key: sessionKey, snapshot: false },
    'official-account': oauth,
    website: oauth,
    mobile: oauth,
  })
})
