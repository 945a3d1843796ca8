import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneApp } from './example.ts'
import { startFixture } from './fixture.ts'
import { journey } from './journey.ts'
import { executablePath } from './phone.ts'

journey({
  name: 'wx.login',
  open: (fixture, { appId }, person) => fixture.open({ appId, person }, oneApp(appId)),
  entries: (phone) => phone.fake.count('login'),
})

test('the example mini program, as it is in the repository, switches between people and apps', {
  skip: !executablePath,
}, async (t) => {
  const fixture = await startFixture()
  t.after(() => fixture.close())
  const phone = await fixture.open({ appId: 'touristappid', person: 'xiaoming' })
  const ids = async () => {
    await phone.see('已登录')
    return [await phone.textOf('.row:has-text("用户 id") .id'), await phone.textOf('.row:has-text("openid") .id')]
  }
  const [user, openid] = await ids()
  await phone.tap('茶友会')
  const [sameUser, otherOpenid] = await ids()
  await phone.screenshot('switch-app')
  assert.equal(sameUser, user)
  assert.notEqual(otherOpenid, openid)
  await phone.tap('小红')
  const [otherUser] = await ids()
  await phone.screenshot('switch-person')
  assert.notEqual(otherUser, user)
  assert.equal(phone.fake.count('login'), 0, 'played people need no code')
  assert.deepEqual(phone.errors, [])
})
