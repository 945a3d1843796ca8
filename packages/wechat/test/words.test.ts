import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appId, loginCode, openid, unionid } from '@hufu/wechat/words'
import fc from 'fast-check'
import { hostileText } from './hostile-text.ts'

const constructors = { appId, openid, unionid, loginCode }

test('the ids in WeChat’s documentation are valid ids', () => {
  assert.equal(appId('wx4f4bc4dec97d474b'), 'wx4f4bc4dec97d474b')
  assert.equal(openid('orWy35UBNFZyReiUYVZvtPrqht-0'), 'orWy35UBNFZyReiUYVZvtPrqht-0')
  assert.equal(unionid('o6_bmasdasdsad6_2sgVt7hMZOPfL'), 'o6_bmasdasdsad6_2sgVt7hMZOPfL')
  assert.equal(loginCode('031lBIGa16bvMD0wjaJa1lkeGz1lBIG4'), '031lBIGa16bvMD0wjaJa1lkeGz1lBIG4')
})

test('T06 T10 a malformed id is refused without being quoted', () => {
  const wrong = [
    '',
    ' o',
    'o ',
    'o\n',
    'o\0',
    'a&appid=b',
    'a%26',
    'the code is a mock one',
    'о',
    '\ud800',
    'a'.repeat(129),
  ]
  for (const raw of [...wrong, undefined, null, 0, 1n, true, ['o'], { toString: () => 'o' }, Symbol('o')])
    for (const [name, construct] of Object.entries(constructors))
      assert.throws(
        () => construct(raw),
        (error) => error instanceof TypeError && /^not an? [\w ]+$/.test(error.message),
        name,
      )
})

test('T06 every valid login code is unchanged by being put into a URL', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      let code: string | undefined
      try {
        code = loginCode(text)
      } catch {
        return
      }
      assert.equal(encodeURIComponent(code), text)
    }),
  )
})

test('the compiler keeps openid, unionid, AppID and code apart', () => {
  const takesOpenid = (id: ReturnType<typeof openid>): string => id
  // @ts-expect-error a unionid is not an openid
  takesOpenid(unionid('o'))
  // @ts-expect-error text that nobody has checked is not an openid
  takesOpenid('o')
})
