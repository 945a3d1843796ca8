import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { type AppSecret, Secret, type SessionKey } from '@hufu/wechat/secret'

const value = 'tiihtNczf5v6AKRyjwEUhQ=='
const key: SessionKey = new Secret('SessionKey', value)

test('a secret can be revealed, on purpose', () => {
  assert.equal(key.reveal(), value)
})

test('T01 a secret that is printed, joined or serialised is a placeholder', () => {
  const placeholder = '[SessionKey]'
  assert.equal(`${key}`, placeholder)
  // biome-ignore lint/style/useTemplate: the plus is what is tested
  assert.equal(key + '', placeholder)
  assert.equal(String(key), placeholder)
  assert.equal([key].join(), placeholder)
  assert.equal(JSON.stringify({ key }), '{"key":"[SessionKey]"}')
  assert.equal(inspect({ key }), '{ key: [SessionKey] }')
  assert.equal(format('%s %o', key, key), `${placeholder} ${placeholder}`)
})

test('T01 no ordinary way of inspecting a Secret shows its value', () => {
  const seen = [
    inspect(key, { showHidden: true, depth: 20, customInspect: false, getters: true }),
    inspect(new Proxy(key, {}), { showProxy: true, customInspect: false }),
    inspect(structuredClone(key)),
    serialize(key).toString('latin1'),
    JSON.stringify([Object.entries(key), Object.getOwnPropertyDescriptors(key), { ...key }, Object.assign({}, key)]),
    inspect(new Error('x', { cause: key }), { customInspect: false }),
    Reflect.ownKeys(key).map(String).join(),
    new URLSearchParams({ key: `${key}` }).toString(),
  ]
  for (const text of seen) assert.ok(!text.includes(value) && !text.includes(encodeURIComponent(value)), 'found it')
})

test('T01 the compiler takes no secret for text, nor one secret for another', () => {
  const takesText = (text: string): string => text
  const takesAppSecret = (secret: AppSecret): string => secret.name
  // @ts-expect-error a secret is not text
  takesText(key)
  // @ts-expect-error a session key is not an AppSecret
  takesAppSecret(key)
  // @ts-expect-error the value has no name outside
  assert.equal(key.value, undefined)
})
