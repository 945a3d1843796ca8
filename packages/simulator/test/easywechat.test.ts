// node-easywechat knows WeChat's documents and nothing of ours: what it understands was said as WeChat says it.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CacheInterface, MiniApp, OfficialAccount } from 'node-easywechat'
import WeChatProvider from 'node-socialite/dist/Providers/WeChat.js'
import { loner, newSimulator, news, shop } from './fixture.ts'

class MemoryCache extends CacheInterface {
  readonly #items = new Map<string, unknown>()
  override async get(key: string) {
    return this.#items.get(key)
  }
  override async has(key: string) {
    return this.#items.has(key)
  }
  override async set(key: string, value: unknown) {
    this.#items.set(key, value)
    return true
  }
  override async delete(key: string) {
    return this.#items.delete(key)
  }
}

async function newClients(t: TestContext) {
  const simulator = newSimulator()
  const listener = await simulator.listen()
  t.after(listener.close)
  const config = ({ appId, secret }: { appId: string; secret: string }) => ({
    app_id: appId,
    secret,
    use_stable_access_token: true,
    http: { baseURL: listener.url },
  })
  const miniApp = (app: { appId: string; secret: string } = shop) => {
    const client = new MiniApp(config(app))
    client.setCache(new MemoryCache())
    return client
  }
  return { simulator, url: listener.url, config, miniApp }
}

test('node-easywechat logs in and gets what the simulator says this person is', async (t) => {
  const { simulator, miniApp } = await newClients(t)
  for (const app of [shop, loner]) {
    const session = await miniApp(app).getUtils().codeToSession(simulator.login(app.appId, 'mei'))
    const unionid = simulator.unionid(app.appId, 'mei')
    assert.deepEqual(session, {
      session_key: simulator.sessionKey(app.appId, 'mei'),
      openid: simulator.openid(app.appId, 'mei'),
      ...(unionid === undefined ? {} : { unionid }),
    })
  }
})

test('node-easywechat understands every refusal of a login', async (t) => {
  const { simulator, miniApp } = await newClients(t)
  const refuses = (code: string, app: { appId: string; secret: string }, errcode: number, text: string) =>
    assert.rejects(miniApp(app).getUtils().codeToSession(code), (error: Error) => {
      const reply = JSON.parse(error.message.slice(error.message.indexOf('{')))
      assert.equal(reply.errcode, errcode)
      assert.match(reply.errmsg, new RegExp(`^${text}, rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`))
      return true
    })
  const code = simulator.login(shop.appId, 'mei')
  await refuses('unknown', shop, 40029, 'invalid code')
  await refuses('the code is a mock one', shop, 40029, 'invalid code')
  await refuses(code, loner, 40029, 'invalid code')
  await refuses(code, { ...shop, secret: 'wrong' }, 40125, 'invalid appsecret')
  await refuses(code, { ...shop, appId: 'wxnone' }, 40013, 'invalid appid')
  await miniApp().getUtils().codeToSession(code)
  await refuses(code, shop, 40163, 'code been used')
  simulator.addPerson({ name: 'bo', risk: 'blocked' })
  await refuses(simulator.login(shop.appId, 'bo'), shop, 40226, 'code blocked')
  const late = simulator.login(shop.appId, 'mei')
  simulator.advance(300)
  await refuses(late, shop, 40029, 'invalid code')
  simulator.fault({ fault: 'errcode', errcode: 45011, times: 1 })
  await refuses('any', shop, 45011, 'api minute-quota reach limit, must slower, retry next minute')
})

test('node-easywechat decrypts the open data of a person', async (t) => {
  const { simulator, miniApp } = await newClients(t)
  const utils = miniApp().getUtils()
  const { session_key } = await utils.codeToSession(simulator.login(shop.appId, 'mei'))
  const { encryptedData, iv } = simulator.openData(shop.appId, 'mei')
  const data: Record<string, unknown> = utils.decryptSession(session_key, iv, encryptedData)
  assert.equal(data.openId, simulator.openid(shop.appId, 'mei'))
  assert.equal(data.unionId, simulator.unionid(shop.appId, 'mei'))
})

test('node-easywechat fetches a stable token and turns a phone code into a number', async (t) => {
  const { simulator, miniApp } = await newClients(t)
  simulator.addPerson({ name: 'mei', phone: '13580006666' })
  const client = miniApp().getClient()
  const ask = async (code: string) =>
    (await client.request('POST', '/wxa/business/getuserphonenumber', { data: { code } })).toObject()
  const code = simulator.phoneCode(shop.appId, 'mei')
  assert.equal((await ask(code)).phone_info.purePhoneNumber, '13580006666')
  assert.equal((await ask(code)).errcode, 40029)
})

test('node-easywechat signs a person in to an official account, and reads their profile', async (t) => {
  const { simulator, url, config } = await newClients(t)
  class LocalProvider extends WeChatProvider.default {
    override _baseUrl = `${url}/sns`
  }
  const account = new OfficialAccount(config(news))
  account.setOAuthFactory(() =>
    new LocalProvider({
      client_id: news.appId,
      client_secret: news.secret,
      redirect_url: 'https://example.com/',
    }).scopes('snsapi_userinfo'),
  )
  const user = await account.getOAuth().userFromCode(simulator.login(news.appId, 'mei', { scope: 'snsapi_userinfo' }))
  assert.equal(user.getId(), simulator.openid(news.appId, 'mei'))
  assert.equal(user.getNickname(), 'mei')
})
