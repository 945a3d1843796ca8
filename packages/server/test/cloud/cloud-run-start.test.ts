import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { shop } from '../fixture/apps.ts'
import type { Settings } from '../fixture/process.ts'
import { hufu, productionSettings, serveHufu } from '../fixture/production.ts'
import { cloudRunSettings, send } from './cloud-run.ts'

const without = (...names: string[]): Settings =>
  Object.fromEntries(Object.entries(cloudRunSettings).filter(([name]) => !names.includes(name)))

/** Settings under which a container could believe the wrong people, and what the server says about each. */
const unsafe: Record<string, [settings: Settings, said: RegExp]> = {
  'nobody says that public access is closed': [
    without('HUFU_CLOUDRUN_PUBLIC_ACCESS'),
    /HUFU_CLOUDRUN_PUBLIC_ACCESS: must say "closed".*公网访问.*anybody can send x-wx-openid/,
  ],
  'public access is open': [
    { ...cloudRunSettings, HUFU_CLOUDRUN_PUBLIC_ACCESS: 'open' },
    /HUFU_CLOUDRUN_PUBLIC_ACCESS: must say "closed"/,
  ],
  'public access is "true"': [
    { ...cloudRunSettings, HUFU_CLOUDRUN_PUBLIC_ACCESS: 'true' },
    /HUFU_CLOUDRUN_PUBLIC_ACCESS: must say "closed"/,
  ],
  'this is no container of Cloud Run': [without('CBR_ENV_ID'), /HUFU_CLOUDRUN_ENV: is not CBR_ENV_ID/],
  'this is a container of another environment': [
    { ...cloudRunSettings, CBR_ENV_ID: 'prod-other' },
    /HUFU_CLOUDRUN_ENV: is not CBR_ENV_ID/,
  ],
  'no environment is pinned': [without('HUFU_CLOUDRUN_ENV'), /HUFU_CLOUDRUN_ENV: expected the id/],
  'no environment is pinned, and none is there': [
    without('HUFU_CLOUDRUN_ENV', 'CBR_ENV_ID'),
    /HUFU_CLOUDRUN_ENV: expected the id/,
  ],
  'no app is named': [without('HUFU_CLOUDRUN_APP_IDS'), /HUFU_CLOUDRUN_APP_IDS: expected the AppIDs/],
  'every app is meant': [{ ...cloudRunSettings, HUFU_CLOUDRUN_APP_IDS: '*' }, /HUFU_CLOUDRUN_APP_IDS: expected/],
  'every app may borrow': [
    { ...cloudRunSettings, HUFU_CLOUDRUN_FROM_APP_IDS: '*' },
    /HUFU_CLOUDRUN_FROM_APP_IDS: expected/,
  ],
  'timers speak for people': [
    { ...cloudRunSettings, HUFU_CLOUDRUN_SOURCES: 'wx_client,wx_trigger' },
    /HUFU_CLOUDRUN_SOURCES: expected wx_client, wx_devtools or both/,
  ],
  'settings are left over without a port': [
    without('HUFU_CLOUDRUN_PORT'),
    /HUFU_CLOUDRUN_PORT: required with the other HUFU_CLOUDRUN_\* settings/,
  ],
  'only its address is set': [{ HUFU_CLOUDRUN_HOST: '0.0.0.0' }, /HUFU_CLOUDRUN_PORT: required/],
  'its address is none': [{ ...cloudRunSettings, HUFU_CLOUDRUN_HOST: '0.0.0.0:80' }, /HUFU_CLOUDRUN_HOST: expected an/],
  'one setting is left over': [
    { HUFU_CLOUDRUN_PUBLIC_ACCESS: 'closed' },
    /HUFU_CLOUDRUN_PORT: required[\s\S]*HUFU_CLOUDRUN_ENV: [\s\S]*HUFU_CLOUDRUN_APP_IDS: /,
  ],
  'only the port is set': [
    { HUFU_CLOUDRUN_PORT: '80' },
    /HUFU_CLOUDRUN_PUBLIC_ACCESS: [\s\S]*HUFU_CLOUDRUN_ENV: [\s\S]*HUFU_CLOUDRUN_APP_IDS: /,
  ],
  'the port is none': [{ ...cloudRunSettings, HUFU_CLOUDRUN_PORT: 'eighty' }, /HUFU_CLOUDRUN_PORT: required/],
  'the port is that of the public listener': [
    { ...cloudRunSettings, HUFU_PORT: '8080', HUFU_CLOUDRUN_PORT: '8080' },
    /HUFU_CLOUDRUN_PORT: the same as another listener/,
  ],
  'the port is that of the operators': [
    { ...cloudRunSettings, HUFU_ADMIN_PORT: '8080', HUFU_CLOUDRUN_PORT: '8080' },
    /HUFU_CLOUDRUN_PORT: the same as another listener/,
  ],
}

test('T04 a server behind Cloud Run that could believe forged headers does not start, says why, and makes no file', async (t) => {
  const start = async ([name, [settings, said]]: [string, [Settings, RegExp]]) => {
    const env = productionSettings(t, settings)
    const { status, stdout, stderr } = await hufu(t, env, ['serve'])
    assert.equal(status, 2, `${name}: ${stderr}`)
    assert.match(stderr, said, name)
    assert.doesNotMatch(stdout + stderr, /"msg":"started"/, name)
    assert.equal(existsSync(join(env.HUFU_DATA_DIR ?? '', 'hufu.db')), false, name)
  }
  // Two at a time: each is a process of its own.
  const queue = Object.entries(unsafe)
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await start(next)
  }
  await Promise.all([worker(), worker()])
})

test('T04 a safe Cloud Run server listens twice: for codes in public, for the gateway’s headers behind it', async (t) => {
  const env = productionSettings(t, { ...cloudRunSettings, HUFU_CLOUDRUN_PORT: '0' })
  const server = await serveHufu(t, env)
  assert.match(server.cloudRun, /^http:\/\/127\.0\.0\.1:\d+$/, 'where HUFU_HOST says')
  const headers = [
    'x-wx-openid: oMei',
    `x-wx-appid: ${shop.appId}`,
    `x-wx-env: ${cloudRunSettings.CBR_ENV_ID}`,
    'x-wx-source: wx_client',
  ]
  const ask = async (address: string) =>
    (await send(Number(new URL(address).port), 'POST /v1/login', headers)).body.code
  assert.equal(await ask(server.address), 'invalid_request', 'nobody reads them here')
  assert.equal(await ask(server.cloudRun), 'app_unknown', 'read and believed, and the app is not added yet')
})

test('T04 by default no listener reads the gateway’s headers', async (t) => {
  const server = await serveHufu(t, productionSettings(t, { CBR_ENV_ID: 'prod-5gtest' }))
  assert.equal(server.cloudRun, 'off')
})

test('C22 the listener behind the gateway has an address of its own', async (t) => {
  const settings = { ...cloudRunSettings, HUFU_CLOUDRUN_PORT: '0', HUFU_CLOUDRUN_HOST: '0.0.0.0' }
  const server = await serveHufu(t, productionSettings(t, settings))
  assert.match(server.cloudRun, /^http:\/\/0\.0\.0\.0:\d+$/)
  assert.match(server.address, /^http:\/\/127\.0\.0\.1:\d+$/)
})
