import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HufuError } from '../src/index.ts'
import { newPhone, type Phone, server } from './phone.ts'

const reasonOf = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    const { code, reason } = error as HufuError
    return `${code} ${reason}`
  }
  return 'none: it succeeded'
}

test('createClient refuses options that cannot work, each by its name', async () => {
  const phone = await newPhone()
  const { createClient } = phone.load()
  const make = (options: object) => reasonOf(() => createClient({ server, appId: 'wx1', ...options }))
  assert.equal(make({ appId: '' }), 'config appId')
  const wrong = [
    '',
    'hufu.example',
    'ftp://a',
    'https://',
    'https://a?b',
    'https://a#b',
    'https://me@a',
    'https://a b',
    {},
  ]
  for (const address of wrong) {
    assert.equal(make({ server: address }), 'config server', String(address))
    if (address) assert.equal(make({ api: address }), 'config api', String(address))
  }
  assert.equal(make({ server: 'http://127.0.0.1:8787/base/' }), 'none: it succeeded')
})

test('given no wx object, then createClient says so', async () => {
  const phone = await newPhone()
  const { createClient } = await import('../src/index.ts')
  assert.equal(
    reasonOf(() => createClient({ server, appId: 'wx1' })),
    'config wx',
  )
  const client = createClient({ server, appId: 'wx1', wx: phone.fake.wx })
  assert.equal(client.user(), null)
})

test('the server address may depend on the version of the mini program', async () => {
  for (const envVersion of ['develop', 'trial', 'release'] as const) {
    const phone = await newPhone({ envVersion })
    const addresses = { develop: 'http://127.0.0.1:1', trial: 'https://trial.example', release: 'https://live.example' }
    await phone.wait(phone.client({ server: addresses }).login())
    assert.equal(phone.fake.count('request', `${addresses[envVersion]}/v1/login`), 1)
  }
  const phone = await newPhone({ envVersion: 'trial' })
  assert.equal(
    reasonOf(() => phone.client({ server: { develop: 'http://127.0.0.1:1' } })),
    'config server',
  )
})

test('the option dev sends a simulated person in place of a code of wx.login', async () => {
  const phone = await newPhone({ envVersion: 'develop' })
  const client = phone.client({ dev: { person: 'lin' } })
  assert.equal((await phone.wait(client.login())).id, 'usr_lin')
  assert.equal(phone.hufu.seen[0]?.body.code, 'hufu-dev:lin')
  assert.equal(phone.fake.count('login'), 0)
})

test('the option dev is refused in the released version, and where the version is not known', async () => {
  const released = await newPhone({ envVersion: 'release' })
  assert.equal(
    reasonOf(() => released.client({ dev: { person: 'lin' } })),
    'config dev',
  )
  const silent = await newPhone()
  const wx = { ...silent.fake.wx, getAccountInfoSync: () => ({ miniProgram: { appId: 'wx1' } }) }
  assert.equal(
    reasonOf(() => silent.client({ wx, dev: { person: 'lin' } })),
    'config dev',
  )
  const unknown = await newPhone()
  unknown.fake.failNext('getAccountInfoSync', 'throw')
  assert.equal(
    reasonOf(() => unknown.client({ dev: { person: 'lin' } })),
    'config dev',
  )
})

const failures: [string, (phone: Phone) => void, RegExp][] = [
  ['code_refused', (phone) => phone.hufu.plan('/v1/login', phone.hufu.problem(401, 'code_invalid')), /AppSecret/],
  ['network', (phone) => phone.fake.failNext('request', 'fail', { times: 2 }), /合法域名/],
  ['busy', (phone) => phone.hufu.plan('/v1/login', phone.hufu.problem(503, 'server_misconfigured')), /AppSecret/],
  ['busy', (phone) => phone.hufu.plan('/v1/login', phone.hufu.problem(503, 'unavailable')), /数据库.*database is away/],
  ['refused', (phone) => phone.hufu.plan('/v1/login', phone.hufu.problem(404, 'app_unknown')), /登记/],
  ['login_failed', (phone) => phone.fake.failNext('login', 'fail'), /wx\.login/],
]
for (const [code, arrange, words] of failures) {
  test(`the error ${code} has a short Chinese message, and the development build explains it`, async () => {
    const messages: string[] = []
    for (const entry of ['index', 'dev'] as const) {
      const phone = await newPhone({ entry })
      const { createClient, isHufuError } = phone.load()
      arrange(phone)
      arrange(phone)
      const client = createClient({ server, appId: 'wx1' })
      const both = [client.login(), client.ready()].map((each) => each.catch((error: unknown) => error))
      const [error, same] = await phone.wait(Promise.all(both))
      assert.ok(isHufuError(error) && isHufuError(same))
      assert.deepEqual([error.code, error.name, error.message], [code, 'HufuError', same.message])
      messages.push(error.message)
    }
    assert.match(messages[0] ?? '', /^[\u4e00-\u9fff]/)
    assert.ok((messages[0] ?? '').length < 60)
    assert.match(messages[1] ?? '', words)
    assert.equal(messages[1]?.split('\n').length, 2)
  })
}

test('an error carries what the server said of the request, and no address or token', async () => {
  const phone = await newPhone()
  phone.hufu.plan('/v1/login', phone.hufu.problem(404, 'app_unknown'))
  const error = await phone.wait(
    phone
      .client()
      .login()
      .catch((thrown: HufuError) => thrown),
  )
  const { code, status, problem, requestId } = error as HufuError
  assert.deepEqual([code, status, problem, requestId], ['refused', 404, 'app_unknown', 'req_1'])
  assert.ok(!JSON.stringify({ ...error, message: (error as HufuError).message }).includes('hufu.example'))
})

test('isHufuError knows the errors of another copy of the package, and nothing else', async () => {
  const phone = await newPhone()
  const error = await phone.wait(
    phone
      .client({ appId: 'wx9' })
      .login()
      .catch((thrown: unknown) => thrown),
  )
  const { isHufuError } = phone.load()
  assert.ok(isHufuError(error))
  for (const other of [undefined, null, 'HufuError', new Error('no'), { code: 'network' }])
    assert.ok(!isHufuError(other))
})
