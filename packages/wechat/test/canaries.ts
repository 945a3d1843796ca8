import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { type App, appId, loginCode, Secret } from '@hufu/wechat'

/** Values that must stay where they are. */
export const canary = {
  secret: 'cafe5ec7e7cafe5ec7e7cafe5ec7e7ca',
  code: '0canary1code2canary3code4canary5',
  sessionKey: 'Y2FuYXJ5a2V5Y2FuYXJ5aw==',
}

export const app: App = { id: appId('wx4f4bc4dec97d474b'), secret: new Secret('AppSecret', canary.secret) }
export const code = loginCode(canary.code)

/** T05: whatever a program can print of a thrown value holds no secret, in no spelling. */
export function assertNoSecretIn(thrown: unknown): void {
  const printed: string[] = []
  for (let error = thrown; error !== undefined; error = error instanceof Error ? error.cause : undefined) {
    printed.push(inspect(error, { depth: 20, showHidden: true, getters: true }), String(error), json(error))
    if (error instanceof Error) printed.push(error.stack ?? '', json(Object.getOwnPropertyDescriptors(error)))
  }
  const all = printed.join('\n')
  for (const [name, value] of Object.entries(canary)) {
    for (const spelling of spellings(value)) assert.ok(!all.includes(spelling), `the ${name} is in what was thrown`)
  }
  assert.ok(!/[?&](?:secret|js_code|code)=/.test(all), 'a query is in what was thrown')
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value)
  return [
    value,
    encodeURIComponent(value),
    bytes.toString('base64'),
    bytes.toString('hex'),
    [...value].reverse().join(''),
  ]
}

const json = (value: unknown): string => JSON.stringify(value) ?? ''
