import assert from 'node:assert/strict'
import { createCipheriv, createHash } from 'node:crypto'
import { test } from 'node:test'
import { appId, decryptOpenData, OpenDataError, Secret, sessionKeySignature, verifySignature } from '@hufu/wechat'

const key = new Secret('SessionKey', 'tiihtNczf5v6AKRyjwEUhQ==')
const iv = 'r7BXXKkLb8qrSNn05n0qiA=='
const app = appId('wx4f4bc4dec97d474b')

/** The vector of WeChat's own documentation. */
const profile =
  'CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVb' +
  'JSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COx' +
  'Fvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4' +
  'ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwT' +
  'yrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5' +
  'oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=='
const phone =
  'xT8p8W6jIVdEWQ+ccHuD2bmG5RSiwg14VWRFw/UGVh6Aj+jDIadafJ4xdCIBQ/uxDiyw/MZWvpFyRn3pP3xxVfNQxFtzghvK+Pj5' +
  'JQI7x412Zc+UKBdZyt5yiQboroSxyoV8mzt8NIte9rdxdif4zsuVIitkyUnIGjLphyruj7RmS/fgw1Be7IpCva0zzK3lgKGSAJWd' +
  'P3wedPdlaCzjUw=='
const seconds = (value: number) => new Date(value * 1000)
const atProfile = { appId: app, now: seconds(1_477_314_187 + 60) }

const encrypt = (plain: string | Buffer): string => {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(key.reveal(), 'base64'), Buffer.from(iv, 'base64'))
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64')
}

test('the test vectors are those of WeChat’s documentation', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  assert.equal(sha256(profile), '7842122eb129390ef7ca47b91ae8d142553fc5849eaad857552491f090118a51')
  assert.equal(sha256(phone), '404096f397f709ca1699b00d4e883fa44ad6d5583e20c6630443167b631a3d0b')
})

test('the official example is decrypted, and is marked as unverified', async () => {
  const { verified, data } = await decryptOpenData(key, profile, iv, atProfile)
  assert.equal(verified, false)
  assert.equal(data.openId, 'oGZUI0egBJY1zhBYw2KhdUfwVJJE')
  assert.equal(data.unionId, 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA')
  assert.equal(
    createHash('sha256').update(JSON.stringify(data)).digest('hex'),
    '3237d8a5dbd413523c194882c7156544d8a06e2afcc97383cc300c17bd09391b',
  )
})

test('a phone number is decrypted', async () => {
  const { data } = await decryptOpenData(key, phone, iv, { appId: app, now: seconds(1_637_744_274) })
  assert.deepEqual(data, {
    phoneNumber: '13580006666',
    purePhoneNumber: '13580006666',
    countryCode: '86',
    watermark: { timestamp: 1_637_744_274, appid: app },
  })
})

test('the watermark must be of this app and of now', async () => {
  const at = (offset: number, maxAgeSeconds?: number) =>
    decryptOpenData(key, profile, iv, {
      appId: app,
      now: seconds(1_477_314_187 + offset),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    })
  for (const offset of [-30, 0, 300]) assert.ok(await at(offset))
  assert.ok(await at(600, 600))
  for (const offset of [-31, -3600, 301, 600]) await assert.rejects(at(offset), OpenDataError)
  await assert.rejects(at(61, 60), OpenDataError)
  await assert.rejects(at(Number.NaN), OpenDataError)
  await assert.rejects(decryptOpenData(key, profile, iv, { ...atProfile, appId: appId('wxother') }), OpenDataError)
})

test('T02 given 5,000 altered inputs, then all give one and the same error', async () => {
  const bytes = Buffer.from(profile, 'base64')
  const errors = new Set<string>()
  const collect = async (encrypted: string, vector = iv, by = key, rules = atProfile) => {
    const thrown = await decryptOpenData(by, encrypted, vector, rules).catch((error: unknown) => error)
    assert.ok(thrown instanceof OpenDataError)
    assert.equal(thrown.cause, undefined)
    errors.add(JSON.stringify([thrown.name, thrown.code, thrown.message, Object.keys(thrown)]))
  }
  for (let turn = 0; turn < 4_900; turn++) {
    // The last three blocks hold the watermark and the padding: every change there must be noticed.
    const at = bytes.length - 48 + (turn % 48)
    const altered = Buffer.from(bytes)
    altered[at] = (altered[at] ?? 0) ^ (1 + (turn % 255))
    await collect(altered.toString('base64'))
  }
  for (let length = 0; length < 48; length++)
    await collect(bytes.subarray(0, bytes.length - 1 - length).toString('base64'))
  for (const encrypted of ['', ' ', '!', 'AA', `${profile} `, profile.replaceAll('+', ' '), 'A'.repeat(70_000)])
    await collect(encrypted)
  for (const vector of ['', 'AA==', `${iv}=`, iv.slice(1), 'r7BXXKkLb8qrSNn05n0qiA', profile])
    await collect(profile, vector)
  for (const by of ['', 'HyVFkGl5F5OQWJZZaNzBBg==', 'AAAA', 'not base64!!'])
    await collect(profile, iv, new Secret('SessionKey', by))
  assert.equal(errors.size, 1)
})

test('A11 key, vector and data have one spelling: set bits where none are used, padding and blanks are refused', async () => {
  const unused = (text: string) => text.replace(/A==$/, 'B==')
  for (const vector of [
    unused(iv),
    iv.slice(0, -2),
    `${iv}=`,
    ` ${iv}`,
    `${iv}\n`,
    iv.replaceAll('+', '-').replace('=', ''),
  ]) {
    await assert.rejects(decryptOpenData(key, profile, vector, atProfile), OpenDataError, vector)
  }
  const otherKey = new Secret('SessionKey', key.reveal().replace(/Q==$/, 'R=='))
  assert.deepEqual(Buffer.from(otherKey.reveal(), 'base64'), Buffer.from(key.reveal(), 'base64'))
  await assert.rejects(decryptOpenData(otherKey, profile, iv, atProfile), OpenDataError)
  for (const data of [`${profile}====`, profile.replace(/.{8}/, '$& '), profile.replace(/.{76}/, '$&\n')]) {
    await assert.rejects(decryptOpenData(key, data, iv, atProfile), OpenDataError)
  }
  assert.ok(await decryptOpenData(key, profile, iv, atProfile))
})

test('T02 decrypted text that is not an object with a watermark is refused', async () => {
  const watermark = { appid: app, timestamp: 1_477_314_187 }
  const plains = [
    '',
    'null',
    '1',
    '[]',
    '{}',
    '{"watermark":null}',
    JSON.stringify({ watermark: [watermark] }),
    JSON.stringify({ watermark: { appid: app } }),
    JSON.stringify({ watermark: { ...watermark, timestamp: String(watermark.timestamp) } }),
    JSON.stringify({ watermark: { ...watermark, appid: [app] } }),
    JSON.stringify([{ watermark }]),
    `{"__proto__":{"watermark":${JSON.stringify(watermark)}}}`,
    `${JSON.stringify({ watermark })}x`,
    Buffer.concat([Buffer.from([0xff]), Buffer.from(JSON.stringify({ watermark }))]),
  ]
  for (const plain of plains)
    await assert.rejects(decryptOpenData(key, encrypt(plain), iv, atProfile), OpenDataError, String(plain))
  const hostile = `{"__proto__":{"admin":true},"watermark":${JSON.stringify(watermark)}}`
  const { data } = await decryptOpenData(key, encrypt(hostile), iv, atProfile)
  assert.equal(Object.assign({}, data).admin, undefined)
})

test('the official signature is verified, and no other', async () => {
  const rawData =
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN",' +
    '"avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
  const signature = '75e81ceda165f4ffa64f4068af58c64b8f54b88c'
  const signer = new Secret('SessionKey', 'HyVFkGl5F5OQWJZZaNzBBg==')
  assert.equal(rawData.length, 243)
  assert.equal(await verifySignature(rawData, signature, signer), true)
  for (const other of ['', signature.toUpperCase(), signature.slice(1), `${signature}0`, `0${signature.slice(1)}`])
    assert.equal(await verifySignature(rawData, other, signer), false)
  assert.equal(await verifySignature(`${rawData} `, signature, signer), false)
  assert.equal(await verifySignature(rawData, signature, key), false)
})

test('a session key signs as WeChat computes it: its text is the key, not the bytes behind it', async () => {
  const vectors = [
    ['o0q0otL8aEzpcZL/FT9WsQ==', '{"foo":"bar"}', '654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b'],
    ['o0q0otL8aEzpcZL/FT9WsQ==', '', '46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128'],
    ['HyVFkGl5F5OQWJZZaNzBBg==', '', '252b75c92698025afe925b29cca5517fdf9ee67aae072cf3225ebf3a53783058'],
    ['tiihtNczf5v6AKRyjwEUhQ==', '', '7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735'],
  ] as const
  for (const [text, message, signature] of vectors)
    assert.equal(await sessionKeySignature(new Secret('SessionKey', text), message), signature)
})
