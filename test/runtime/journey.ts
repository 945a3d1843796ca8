import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type Fixture, startFixture } from './fixture.ts'
import { club, shop } from './hufu.ts'
import { executablePath, type Phone } from './phone.ts'

export interface Way {
  /** For the names of tests and pictures. */
  name: string
  /** Opens the example in one of the two apps, on somebody's phone. */
  open(fixture: Fixture, app: typeof shop | typeof club, person: string): Promise<Phone>
  /** How many times this phone has asked WeChat who its person is. */
  entries(phone: Phone): number
  stop?(): Promise<void>
}

const skip = executablePath ? false : 'there is no Chromium on this machine'

/** What a person does with the example mini program, whichever way it logs in. */
export function journey(way: Way): void {
  let fixture: Fixture
  const phones: Phone[] = []
  before(async () => {
    if (!skip) fixture = await startFixture()
  })
  afterEach(async () => {
    const errors = phones.flatMap((phone) => [...phone.errors, ...phone.warnings])
    await Promise.all(phones.splice(0).map((phone) => phone.close()))
    assert.deepEqual(errors, [], 'the page complained')
  })
  after(async () => {
    await way.stop?.()
    await fixture?.close()
  })
  const open = async (app: typeof shop | typeof club, person: string) => {
    const phone = await way.open(fixture, app, person)
    phones.push(phone)
    await phone.see('已登录')
    return phone
  }
  const signedIn = (phone: Phone) => phone.textOf('.row:has-text("用户 id") .id')
  const does = (words: string, run: () => Promise<void>) => test(`${way.name}: ${words}`, { skip }, run)
  const asked = (phone: Phone, path: string) =>
    phone.fake.calls.filter(({ subject }) => subject.startsWith('http') && new URL(subject).pathname === path).length
  const pullDown = (phone: Phone) => phone.page.evaluate('host.pullDown()')

  does('a person signs in, and the profile says the same of them as WeChat', async () => {
    const phone = await open(shop, 'xiaoming')
    const user = await signedIn(phone)
    await phone.screenshot(`${way.name}-home`)
    await phone.tab('我的')
    await phone.see('身份')
    await phone.screenshot(`${way.name}-profile`)
    assert.equal(await phone.textOf('.row:has-text("id") >> nth=0 >> .id'), user)
    assert.equal(
      await phone.textOf('.pair:has-text("openid") >> .id'),
      fixture.hufu.simulator.openid(shop.appId, 'xiaoming'),
    )
    assert.equal(
      await phone.textOf('.pair:has-text("unionid") >> .id'),
      fixture.hufu.simulator.unionid(shop.appId, 'xiaoming'),
    )
    assert.equal(way.entries(phone), 1)
  })

  does('a person is one user in two apps of one owner, and sees the same orders in both', async () => {
    const inShop = await open(shop, 'xiaoming')
    const user = await signedIn(inShop)
    await inShop.tab('订单')
    await inShop.tap('下一单')
    await inShop.see('西湖龙井')

    const inClub = await open(club, 'xiaoming')
    assert.equal(await signedIn(inClub), user)
    await inClub.tab('订单')
    await inClub.see('在茶铺下的单')
    await inClub.tap('下一单')
    await inClub.see('碧螺春')
    await inClub.screenshot(`${way.name}-orders-in-the-other-app`)
    await inClub.tab('我的')
    await inClub.see('茶友会')
    assert.equal(await inClub.find('.identity').count(), 2)
    await inClub.screenshot(`${way.name}-two-identities`)
  })

  does('another person is another user, without those orders', async () => {
    const ming = await open(shop, 'xiaoming')
    const hong = await open(shop, 'xiaohong')
    assert.notEqual(await signedIn(hong), await signedIn(ming))
    await hong.tab('订单')
    await hong.see('还没有订单')
  })

  does('given a token that the back end refuses, then it is replaced and the request is sent again', async () => {
    const phone = await open(shop, 'xiaoming')
    await phone.tab('订单')
    await phone.tap('演示：让后端回答一次 401')
    await phone.see('再试一次就成功了')
    await phone.tap('下一单')
    await phone.see('凤凰单丛')
    assert.equal(way.entries(phone), 1)
  })

  does('given a session that an operator ended, then two requests at once make one new login', async () => {
    const phone = await open(shop, 'xiaoming')
    const user = await signedIn(phone)
    await phone.tab('我的')
    await phone.see('身份')
    await fixture.hufu.admin('POST', `users/${user}/end-sessions`)
    await pullDown(phone)
    await phone.page.waitForFunction('document.body.innerText.includes("1 个")')
    assert.equal(way.entries(phone), 2)
    assert.equal(await phone.textOf('.row:has-text("id") >> nth=0 >> .id'), user)
  })

  does('given a person who ends this phone’s session, then the next request signs them in again', async () => {
    const other = await open(club, 'xiaoming')
    const phone = await open(shop, 'xiaoming')
    await phone.tab('我的')
    await phone.tap('登录设备')
    await phone.see('本机')
    const devices = await phone.find('.device').count()
    await phone.screenshot(`${way.name}-devices`)
    await phone.find('.device:has-text("本机") .end').tap()
    await phone.page.getByText('确定').tap()
    await phone.see('本机')
    // The list looks the same before and after: what tells them apart is that the phone has signed in again.
    while (way.entries(phone) < 2) await phone.page.waitForTimeout(50)
    await phone.page.waitForFunction(`document.querySelectorAll('.device').length === ${devices}`)
    await phone.page.locator('.host-back').tap()
    await phone.see('身份')
    assert.deepEqual([way.entries(phone), way.entries(other)], [2, 1])
  })

  does('given a logout, then the person stays out until they log in, also after a restart', async () => {
    const phone = await open(shop, 'xiaohong')
    await phone.tab('我的')
    await phone.tap('退出登录')
    await phone.see('已退出登录')
    await phone.restart()
    await phone.see('已退出登录')
    await phone.screenshot(`${way.name}-signed-out`)
    await phone.tab('订单')
    await phone.see('已退出登录')
    assert.equal(way.entries(phone), 1)
    await phone.tap('登录')
    await phone.see('还没有订单')
    assert.equal(way.entries(phone), 2)
  })

  does('the app is closed and opened: still signed in, without asking WeChat again', async () => {
    const phone = await open(shop, 'xiaoming')
    const user = await signedIn(phone)
    await phone.restart()
    await phone.see('已登录')
    assert.equal(await signedIn(phone), user)
    assert.deepEqual([way.entries(phone), asked(phone, '/v1/refresh')], [1, 0])
  })

  does('a blocked person is told so, and comes in again when the block is lifted', async () => {
    const phone = await open(shop, 'xiaohong')
    const user = await signedIn(phone)
    await phone.tab('我的')
    await phone.see('身份')
    await fixture.hufu.admin('POST', `users/${user}/block`)
    await phone.tap('退出登录')
    await phone.tap('登录')
    await phone.see('已被封禁')
    await phone.screenshot(`${way.name}-blocked`)
    await fixture.hufu.admin('POST', `users/${user}/unblock`)
    await phone.tap('重试')
    await phone.see('身份')
  })

  does('given no network, then the page says so and offers another try', async () => {
    const phone = await open(shop, 'xiaoming')
    phone.fake.failNext('request', 'fail', { times: 1, when: (url) => url.endsWith('/orders') })
    await phone.tab('订单')
    await phone.see('网络不通')
    await phone.screenshot(`${way.name}-offline`)
    await phone.tap('重试')
    await phone.see('西湖龙井')
  })

  // The last one: from here on everybody's clock but the phones' and the cloud's is ahead.
  does('given a token that expires during use, then it is refreshed without the page noticing', async () => {
    const phone = await open(shop, 'xiaoming')
    await phone.tab('订单')
    await phone.see('西湖龙井')
    fixture.hufu.advance(16 * 60)
    const before = asked(phone, '/orders')
    await pullDown(phone)
    await phone.see('再试一次就成功了')
    await phone.screenshot(`${way.name}-expired`)
    assert.deepEqual([asked(phone, '/orders') - before, asked(phone, '/v1/refresh')], [2, 1])
    assert.equal(way.entries(phone), 1)
  })
}
