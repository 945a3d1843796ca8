import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSimulator, SimulatorError } from '../src/index.ts'
import { club, codeToSession, loner, newSimulator, news, phoneApp, read, shop, site } from './fixture.ts'

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text))

test('openids and unionids are 28 URL-safe characters that start with o', () => {
  const simulator = newSimulator()
  fc.assert(
    fc.property(name, (person) => {
      simulator.addPerson({ name: person })
      for (const id of [simulator.openid(shop.appId, person), simulator.unionid(shop.appId, person)]) {
        assert.match(id ?? '', /^o[\w-]{27}$/)
      }
    }),
  )
})

test('the people of one app share the first six characters of their openids, those of another app others', () => {
  const simulator = newSimulator()
  const head = (appId: string, person: string) => simulator.openid(appId, person).slice(0, 6)
  assert.equal(head(shop.appId, 'mei'), head(shop.appId, 'bo'))
  assert.notEqual(head(shop.appId, 'mei'), head(club.appId, 'mei'))
})

test('one person has one unionid in all bound apps of one owner, another under another owner, none unbound', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      const simulator = newSimulator()
      for (const person of [one, other]) simulator.addPerson({ name: person })
      const bound = [shop, club, news, site, phoneApp].map(({ appId }) => appId)
      assert.equal(new Set(bound.map((appId) => simulator.unionid(appId, one))).size, 1)
      assert.equal(new Set(bound.map((appId) => simulator.openid(appId, one))).size, bound.length)
      assert.equal(simulator.unionid(loner.appId, one), undefined)
      simulator.bind(club.appId, 'another owner')
      assert.notEqual(simulator.unionid(club.appId, one), simulator.unionid(shop.appId, one))
      if (one !== other) {
        assert.notEqual(simulator.unionid(shop.appId, one), simulator.unionid(shop.appId, other))
        assert.notEqual(simulator.openid(shop.appId, one), simulator.openid(shop.appId, other))
      }
    }),
    { numRuns: 30 },
  )
})

test('binding gives a unionid from the next login on, moving changes it, taking out removes it; the openid stays', () => {
  const simulator = newSimulator()
  const login = () => read(simulator.answer('GET', codeToSession(simulator.login(loner.appId, 'mei'), loner)))
  const before = login()
  simulator.bind(loner.appId, 'owner')
  const bound = login()
  simulator.bind(loner.appId, 'elsewhere')
  const moved = login()
  simulator.bind(loner.appId, null)
  const out = login()
  assert.equal(bound.unionid, simulator.unionid(shop.appId, 'mei'))
  assert.ok(moved.unionid !== bound.unionid && moved.unionid !== undefined)
  assert.ok(!('unionid' in before) && !('unionid' in out))
  assert.equal(new Set([before, bound, moved, out].map(({ openid }) => openid)).size, 1)
})

test('codes are 32 letters and digits that start with 0 and two digits, whatever kind of app asked', () => {
  const simulator = newSimulator()
  const codes = [shop, news, site, phoneApp].flatMap(({ appId }) =>
    Array.from({ length: 50 }, () => simulator.login(appId, 'mei')),
  )
  for (const code of codes) assert.match(code, /^0\d{2}[0-9A-Za-z]{29}$/)
  assert.equal(new Set(codes).size, codes.length)
})

test('the same seed and the same calls give the same ids and codes, another seed others', () => {
  const life = (seed: string) => {
    const simulator = newSimulator({ seed })
    const code = simulator.login(shop.appId, 'mei')
    const first = simulator.answer('GET', codeToSession(code)).body
    simulator.advance(61)
    return [
      code,
      first,
      simulator.login(shop.appId, 'mei'),
      simulator.sessionKey(shop.appId, 'mei'),
      simulator.phoneCode(shop.appId, 'bo'),
      simulator.openData(shop.appId, 'mei'),
      simulator.answer('GET', codeToSession('unknown')).body,
      simulator.identities('bo'),
    ]
  }
  assert.deepEqual(life('a'), life('a'))
  for (const [i, value] of life('b').entries()) assert.notDeepEqual(value, life('a')[i])
})

test('another seed for codes changes the codes and nothing else', () => {
  const [one, two] = ['a', 'b'].map((codeSeed) => newSimulator({ codeSeed }))
  const life = (simulator = newSimulator()) => [
    simulator.login(shop.appId, 'mei'),
    simulator.phoneCode(shop.appId, 'mei'),
  ]
  for (const [i, code] of life(one).entries()) assert.notEqual(life(two)[i], code)
  assert.deepEqual(one?.identities('mei'), two?.identities('mei'))
  assert.equal(one?.sessionKey(shop.appId, 'mei'), two?.sessionKey(shop.appId, 'mei'))
})

test('a person’s codes do not depend on what others do', () => {
  const [alone, busy] = [newSimulator(), newSimulator()]
  busy.login(shop.appId, 'bo')
  busy.login(club.appId, 'mei')
  assert.equal(busy.login(shop.appId, 'mei'), alone.login(shop.appId, 'mei'))
})

test('an app, person or binding that cannot be is refused with a reason', () => {
  const simulator = createSimulator()
  simulator.addApp(shop)
  simulator.addPerson({ name: 'mei' })
  const refused: [() => unknown, RegExp][] = [
    [() => simulator.login('wxnone', 'mei'), /No app "wxnone"/],
    [() => simulator.login(shop.appId, 'nobody'), /No person "nobody"/],
    [() => simulator.login(shop.appId, 'mei', { scope: 'snsapi_base' }), /miniprogram cannot ask for the scope/],
    [() => simulator.login(shop.appId, 'mei', { snapshot: true }), /snapshot/],
    [() => simulator.addApp({ ...shop, kind: 'website' }), /cannot become a website/],
    [() => simulator.addApp({ ...shop, appId: 'a b' }), /appId must be/],
    [() => simulator.addApp({ ...shop, secret: '' }), /secret must not be empty/],
    [() => simulator.addPerson({ name: '' }), /name must be/],
    [() => simulator.addPerson({ name: 'a\nb' }), /name must be/],
    [() => simulator.addPerson({ name: 'x', phone: 'abc' }), /phone must be/],
    [() => simulator.bind(shop.appId, ''), /openAccount must be/],
    [() => simulator.openData(shop.appId, 'mei'), /log in first/],
  ]
  for (const [act, message] of refused) {
    assert.throws(act, (error) => error instanceof SimulatorError && message.test(error.message), String(act))
  }
})
