import assert from 'node:assert/strict'
import { createDecipheriv, createHash } from 'node:crypto'
import { test } from 'node:test'
import { encryptOpenData, signRawData } from '../src/index.ts'
import { loner, MORNING, newSimulator, shop } from './fixture.ts'

const key = 'tiihtNczf5v6AKRyjwEUhQ=='
const iv = 'r7BXXKkLb8qrSNn05n0qiA=='
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('the official plaintext encrypts to the official encryptedData', () => {
  const plaintext =
    '{"openId":"oGZUI0egBJY1zhBYw2KhdUfwVJJE","nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/aSKcBBPpibyKNicHNTMM0qJVh8Kjgiak2AHWr8MHM4WgMEm7GFhsf8OYrySdbvAMvTsw3mo8ibKicsnfN5pRjl1p8HQ/0","unionId":"ocMvos6NjeKLIBqg5Mr9QjxrP1FA","watermark":{"timestamp":1477314187,"appid":"wx4f4bc4dec97d474b"}}'
  assert.equal(sha256(plaintext), '3237d8a5dbd413523c194882c7156544d8a06e2afcc97383cc300c17bd09391b')
  const encrypted = encryptOpenData(key, iv, plaintext)
  assert.equal(encrypted.length, 536)
  assert.equal(sha256(encrypted), '7842122eb129390ef7ca47b91ae8d142553fc5849eaad857552491f090118a51')
})

test('the official rawData has the official signature', () => {
  const rawData =
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
  assert.equal(signRawData('HyVFkGl5F5OQWJZZaNzBBg==', rawData), '75e81ceda165f4ffa64f4068af58c64b8f54b88c')
})

test('a phone payload encrypts to the bytes of the reference', () => {
  const plaintext =
    '{"phoneNumber":"13580006666","purePhoneNumber":"13580006666","countryCode":"86","watermark":{"timestamp":1637744274,"appid":"wx4f4bc4dec97d474b"}}'
  assert.equal(
    encryptOpenData(key, iv, plaintext),
    'xT8p8W6jIVdEWQ+ccHuD2bmG5RSiwg14VWRFw/UGVh6Aj+jDIadafJ4xdCIBQ/uxDiyw/MZWvpFyRn3pP3xxVfNQxFtzghvK+Pj5JQI7x412Zc+UKBdZyt5yiQboroSxyoV8mzt8NIte9rdxdif4zsuVIitkyUnIGjLphyruj7RmS/fgw1Be7IpCva0zzK3lgKGSAJWdP3wedPdlaCzjUw==',
  )
})

function decrypt(sessionKey: string | undefined, { encryptedData, iv }: { encryptedData: string; iv: string }) {
  const [key, start] = [Buffer.from(sessionKey ?? '', 'base64'), Buffer.from(iv, 'base64')]
  const decipher = createDecipheriv('aes-128-cbc', key, start)
  return JSON.parse(decipher.update(encryptedData, 'base64', 'utf8') + decipher.final('utf8'))
}

test('open data is encrypted with the current session_key and bears a watermark; rawData is signed with it', () => {
  const simulator = newSimulator()
  simulator.login(shop.appId, 'mei')
  const sessionKey = simulator.sessionKey(shop.appId, 'mei')
  const data = simulator.openData(shop.appId, 'mei')
  const { openId: openid, unionId: unionid, watermark, nickName } = decrypt(sessionKey, data)
  assert.deepEqual([openid, unionid], [simulator.openid(shop.appId, 'mei'), simulator.unionid(shop.appId, 'mei')])
  assert.deepEqual(watermark, { timestamp: MORNING / 1000, appid: shop.appId })
  assert.equal(nickName, '微信用户')
  assert.equal(data.signature, signRawData(sessionKey ?? '', data.rawData))
  assert.notEqual(simulator.openData(shop.appId, 'mei').iv, data.iv)
})

test('the profile of an unbound app has no unionid; the phone payload has a number and no ids', () => {
  const simulator = newSimulator()
  simulator.addPerson({ name: 'mei', phone: '13580006666' })
  simulator.login(loner.appId, 'mei')
  const sessionKey = simulator.sessionKey(loner.appId, 'mei')
  assert.ok(!('unionId' in decrypt(sessionKey, simulator.openData(loner.appId, 'mei'))))
  assert.deepEqual(decrypt(sessionKey, simulator.openData(loner.appId, 'mei', 'phone')), {
    phoneNumber: '13580006666',
    purePhoneNumber: '13580006666',
    countryCode: '86',
    watermark: { timestamp: MORNING / 1000, appid: loner.appId },
  })
})
