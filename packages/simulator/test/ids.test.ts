import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSimulator, SimulatorError } from '../src/index.ts'
import { club, codeToSession, loner, news, newWorld, phoneApp, read, shop, site } from './new-world.ts'

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text))

test('openids and unionids are 28 URL-safe characters that start with o', () => {
  const world = newWorld()
  fc.assert(
    fc.property(name, (person) => {
      world.addPerson({ name: person })
      for (const id of [world.openid(shop.appId, person), world.unionid(shop.appId, person)]) {
        assert.match(id ?? '', /^o[\w-]{27}$/)
      }
    }),
  )
})

test('the people of one app share the first six characters of their openids, those of another app others', () => {
  const world = newWorld()
  const head = (appId: string, person: string) => world.openid(appId, person).slice(0, 6)
  assert.equal(head(shop.appId, 'mei'), head(shop.appId, 'bo'))
  assert.notEqual(head(shop.appId, 'mei'), head(club.appId, 'mei'))
})

test('one person has one unionid in all bound apps of one owner, another under another owner, none unbound', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      const world = newWorld()
      for (const person of [one, other]) world.addPerson({ name: person })
      const bound = [shop, club, news, site, phoneApp].map(({ appId }) => appId)
      assert.equal(new Set(bound.map((appId) => world.unionid(appId, one))).size, 1)
      assert.equal(new Set(bound.map((appId) => world.openid(appId, one))).size, bound.length)
      assert.equal(world.unionid(loner.appId, one), undefined)
      world.bind(club.appId, 'another owner')
      assert.notEqual(world.unionid(club.appId, one), world.unionid(shop.appId, one))
      if (one !== other) {
        assert.notEqual(world.unionid(shop.appId, one), world.unionid(shop.appId, other))
        assert.notEqual(world.openid(shop.appId, one), world.openid(shop.appId, other))
      }
    }),
    { numRuns: 30 },
  )
})

test('binding gives a unionid from the next login on, moving changes it, taking out removes it; the openid stays', () => {
  const world = newWorld()
  const login = () => read(world.answer('GET', codeToSession(world.login(loner.appId, 'mei'), loner)))
  const before = login()
  world.bind(loner.appId, 'owner')
  const bound = login()
  world.bind(loner.appId, 'elsewhere')
  const moved = login()
  world.bind(loner.appId, null)
  const out = login()
  assert.equal(bound.unionid, world.unionid(shop.appId, 'mei'))
  assert.ok(moved.unionid !== bound.unionid && moved.unionid !== undefined)
  assert.ok(!('unionid' in before) && !('unionid' in out))
  assert.equal(new Set([before, bound, moved, out].map(({ openid }) => openid)).size, 1)
})

test('codes are 32 letters and digits that start with 0 and two digits, whatever kind of app asked', () => {
  const world = newWorld()
  const codes = [shop, news, site, phoneApp].flatMap(({ appId }) =>
    Array.from({ length: 50 }, () => world.login(appId, 'mei')),
  )
  for (const code of codes) assert.match(code, /^0\d{2}[0-9A-Za-z]{29}$/)
  assert.equal(new Set(codes).size, codes.length)
})

test('the same seed and the same calls give the same ids and codes, another seed others', () => {
  const life = (seed: string) => {
    const world = newWorld({ seed })
    const code = world.login(shop.appId, 'mei')
    const first = world.answer('GET', codeToSession(code)).body
    world.advance(61)
    return [
      code,
      first,
      world.login(shop.appId, 'mei'),
      world.sessionKey(shop.appId, 'mei'),
      world.phoneCode(shop.appId, 'bo'),
      world.openData(shop.appId, 'mei'),
      world.answer('GET', codeToSession('unknown')).body,
      world.identities('bo'),
    ]
  }
  assert.deepEqual(life('a'), life('a'))
  for (const [i, value] of life('b').entries()) assert.notDeepEqual(value, life('a')[i])
})

test('another seed for codes changes the codes and nothing else', () => {
  const [one, two] = ['a', 'b'].map((codeSeed) => newWorld({ codeSeed }))
  const life = (world = newWorld()) => [world.login(shop.appId, 'mei'), world.phoneCode(shop.appId, 'mei')]
  for (const [i, code] of life(one).entries()) assert.notEqual(life(two)[i], code)
  assert.deepEqual(one?.identities('mei'), two?.identities('mei'))
  assert.equal(one?.sessionKey(shop.appId, 'mei'), two?.sessionKey(shop.appId, 'mei'))
})

test('a person’s codes do not depend on what others do', () => {
  const [alone, busy] = [newWorld(), newWorld()]
  busy.login(shop.appId, 'bo')
  busy.login(club.appId, 'mei')
  assert.equal(busy.login(shop.appId, 'mei'), alone.login(shop.appId, 'mei'))
})

test('an app, person or binding that cannot be is refused with a reason', () => {
  const world = createSimulator()
  world.addApp(shop)
  world.addPerson({ name: 'mei' })
  const refused: [() => unknown, RegExp][] = [
    [() => world.login('wxnone', 'mei'), /No app "wxnone"/],
    [() => world.login(shop.appId, 'nobody'), /No person "nobody"/],
    [() => world.login(shop.appId, 'mei', { scope: 'snsapi_base' }), /miniprogram cannot ask for the scope/],
    [() => world.login(shop.appId, 'mei', { snapshot: true }), /snapshot/],
    [() => world.addApp({ ...shop, kind: 'website' }), /cannot become a website/],
    [() => world.addApp({ ...shop, appId: 'a b' }), /appId must be/],
    [() => world.addApp({ ...shop, secret: '' }), /secret must not be empty/],
    [() => world.addPerson({ name: '' }), /name must be/],
    [() => world.addPerson({ name: 'a\nb' }), /name must be/],
    [() => world.addPerson({ name: 'x', phone: 'abc' }), /phone must be/],
    [() => world.bind(shop.appId, ''), /openAccount must be/],
    [() => world.openData(shop.appId, 'mei'), /log in first/],
  ]
  for (const [act, message] of refused) {
    assert.throws(act, (error) => error instanceof SimulatorError && message.test(error.message), String(act))
  }
})
