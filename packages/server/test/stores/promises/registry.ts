import assert from 'node:assert/strict'
import type { AppId } from '@hufu/wechat/words'
import type { RealmId } from '../../../src/domain/ids.ts'
import type { StoredApp } from '../../../src/ports/registry.ts'
import { MORNING } from '../../fixture/time.ts'
import { atOnce, CLUB, type DescribedStore, NEWS, newApp, RIVAL, SHOP, type StoreFixture } from '../store-fixture.ts'

const NEW = 'wx00000000000000f1' as AppId

/** What operators set up: realms, apps, keys and settings, and how other processes hear of it. */
export function promisesOfRegistry({ that }: DescribedStore): void {
  const add = ({ store, act }: StoreFixture, app: StoredApp) => store.registry.addApp({ act: act(), app })
  const change = ({ store, act }: StoreFixture, change: Partial<StoredApp>, appId = SHOP) =>
    store.registry.changeApp({ act: act(), appId, change })
  const appOf = async ({ store }: StoreFixture, id: AppId) =>
    (await store.registry.setup()).apps.find((app) => app.id === id)
  const addKey = ({ store, act }: StoreFixture, another: boolean, sealed = 'sealed', algorithm = 'ES256') =>
    store.registry.addKey({ act: act(), purpose: 'signing', algorithm, sealed, another })

  that('every field of an app comes back as it went in', async (fixture) => {
    const app: StoredApp = {
      id: NEW,
      realmId: 'default' as RealmId,
      kind: 'official-account',
      name: '老虎 🐅 “𠮷” — é',
      secretSealed: 'x'.repeat(10_000),
      origins: ['https://shop.example', 'https://商店.example'],
      createdAt: 8_000_000_000_000,
    }
    assert.equal(await add(fixture, app), 'added')
    assert.deepEqual(await appOf(fixture, NEW), app)
  })

  that(
    'names may be empty, long, of four-byte characters, and full of what SQL means something by',
    async (fixture) => {
      const names = ['', '𠮷'.repeat(5000), "'; DROP TABLE users; --", '?', '$1', '%_\\', '"', '\n\r\t\u0001\u007f']
      for (const [index, name] of names.entries()) {
        const id = `wx_${index}` as AppId
        await add(fixture, { ...newApp(id), name })
        assert.equal((await appOf(fixture, id))?.name, name)
      }
    },
  )

  that(
    'text that cannot be kept as it is — NUL, half a surrogate pair — is refused everywhere, and nothing is written',
    async (fixture) => {
      const { store, act } = fixture
      const before = await store.registry.setup()
      const refused = { code: 'invalid_request' }
      for (const text of ['a\0b', '\0', 'half \ud800', '\udfff']) {
        await assert.rejects(add(fixture, { ...newApp(NEW), name: text }), refused)
        await assert.rejects(add(fixture, { ...newApp(NEW), origins: [text] }), refused)
        await assert.rejects(store.registry.setSetting({ name: text, value: '', ifAbsent: true }), refused)
        await assert.rejects(store.registry.setting(text), refused)
        await assert.rejects(store.users.list({ after: text, limit: 1 }), refused)
        await assert.rejects(store.users.findByIdentity({ appId: SHOP, openid: text as never }), refused)
        await assert.rejects(store.logins.commit(fixture.facts({ openid: text })), refused)
        const entry = { kind: 'app_changed', outcome: 'ok', detail: { fields: text } } as const
        await assert.rejects(store.events.record({ act: act(), entry }), refused)
      }
      assert.deepEqual(await store.registry.setup(), before)
      assert.equal(await fixture.living(), 0)
    },
  )

  that('a realm, an app and a key each stand once', async (fixture) => {
    const realm = { id: 'default' as RealmId, name: 'another', createdAt: MORNING }
    assert.equal(await fixture.store.registry.addRealm({ act: fixture.act(), realm }), 'exists')
    assert.equal(await add(fixture, { ...newApp(SHOP), name: 'another' }), 'exists')
    const { realms, apps } = await fixture.store.registry.setup()
    assert.ok(realms.every(({ name }) => name !== 'another') && apps.every(({ name }) => name !== 'another'))
  })

  that('an app needs a realm that is there', async (fixture) => {
    assert.equal(await add(fixture, { ...newApp(NEW), realmId: 'nowhere' as RealmId }), 'realm_unknown')
    assert.equal(await change(fixture, { realmId: 'nowhere' as RealmId }), 'realm_unknown')
    assert.equal(await appOf(fixture, NEW), undefined)
  })

  that('each field of an app changes alone', async (fixture) => {
    const changes: Partial<StoredApp>[] = [
      { kind: 'website' },
      { name: 'renamed 🐅' },
      { secretSealed: 'another' },
      { origins: ['https://new.example'] },
      { origins: [] },
      { realmId: 'rival' as RealmId },
    ]
    for (const one of changes) {
      const before = await appOf(fixture, SHOP)
      assert.equal(await change(fixture, one), 'changed')
      assert.deepEqual(await appOf(fixture, SHOP), { ...before, ...one })
    }
    const events = await fixture.store.events.list({
      after: undefined,
      limit: 9,
      kind: 'app_changed',
      userId: undefined,
    })
    assert.deepEqual(events.map(({ detail }) => detail.fields).reverse(), [
      'kind',
      'name',
      'secret',
      'origins',
      'origins',
      'realm',
    ])
  })

  that('an app that is not there can be neither changed nor removed', async (fixture) => {
    assert.equal(await change(fixture, { name: 'x' }, NEW), 'unknown')
    assert.equal(await fixture.store.registry.removeApp({ act: fixture.act(), appId: NEW }), 'unknown')
  })

  that('an app with users keeps its realm and stays', async (fixture) => {
    await fixture.logIn()
    assert.equal(await change(fixture, { realmId: 'rival' as RealmId }), 'has_identities')
    assert.equal(await change(fixture, { realmId: 'default' as RealmId, name: 'same realm' }), 'changed')
    assert.equal(await fixture.store.registry.removeApp({ act: fixture.act(), appId: SHOP }), 'has_identities')
    assert.equal((await appOf(fixture, SHOP))?.realmId, 'default')
  })

  that('an app without users is removed with its cloud keys', async (fixture) => {
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{}',
      trustsUnionid: true,
      createdAt: MORNING,
      revokedAt: undefined,
    } as const
    await fixture.store.registry.addCloudKey({ act: fixture.act(), key })
    assert.equal(await fixture.store.registry.removeApp({ act: fixture.act(), appId: SHOP }), 'removed')
    const { apps, cloudKeys } = await fixture.store.registry.setup()
    assert.deepEqual([apps.map(({ id }) => id).includes(SHOP), cloudKeys], [false, []])
  })

  that('the setup is listed in the order in which it was made', async (fixture) => {
    fixture.pass(1000)
    await add(fixture, newApp(NEW, fixture.now()))
    const { realms, apps } = await fixture.store.registry.setup()
    assert.deepEqual(
      realms.map(({ id }) => id),
      ['default', 'rival'],
    )
    assert.deepEqual(
      apps.map(({ id }) => id),
      [SHOP, CLUB, NEWS, RIVAL, NEW],
    )
  })

  that('T25 every change moves the revision, and what changes nothing does not', async (fixture) => {
    const { store, act } = fixture
    let last = await store.registry.revision()
    const moved = async (work: () => Promise<unknown>): Promise<boolean> => {
      await work()
      const now = await store.registry.revision()
      const isMoved = now > last
      last = now
      return isMoved
    }
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{}',
      trustsUnionid: true,
      createdAt: MORNING,
      revokedAt: undefined,
    } as const
    assert.ok(await moved(() => add(fixture, newApp(NEW))))
    assert.ok(await moved(() => change(fixture, { secretSealed: 'new' })))
    assert.ok(await moved(() => store.registry.addCloudKey({ act: act(), key })))
    assert.ok(await moved(() => store.registry.revokeCloudKey({ act: act(), id: 'ck_1', endSessions: false })))
    assert.ok(await moved(() => addKey(fixture, true)))
    assert.ok(await moved(() => store.registry.reseal({ keys: [], apps: [{ id: SHOP, secretSealed: 'resealed' }] })))
    assert.ok(await moved(() => store.registry.removeApp({ act: act(), appId: NEW })))
    assert.ok(!(await moved(() => add(fixture, newApp(SHOP)))))
    assert.ok(!(await moved(() => change(fixture, { name: 'x' }, NEW))))
    assert.ok(!(await moved(() => fixture.logIn())))
    assert.equal((await store.registry.setup()).revision, last)
  })

  that('a hundred changes at once are all counted: the revision moves a hundred times', async (fixture) => {
    const before = await fixture.store.registry.revision()
    await atOnce(100, (index) => change(fixture, { name: `name ${index}` }, [SHOP, CLUB, NEWS, RIVAL][index % 4]))
    assert.equal(await fixture.store.registry.revision(), before + 100)
  })

  that('ten operators who add one app at once add it once', async (fixture) => {
    const added = await atOnce(10, () => add(fixture, newApp(NEW)))
    assert.equal(added.filter((outcome) => outcome === 'added').length, 1)
  })

  that('keys are numbered as they come, and keep what they were given', async (fixture) => {
    const { registry } = fixture.store
    await addKey(fixture, true, 'first')
    await registry.addKey({
      act: fixture.act(),
      purpose: 'refresh',
      algorithm: 'HS256',
      sealed: 'second',
      another: true,
    })
    assert.deepEqual((await registry.setup()).keys, [
      {
        number: 1,
        purpose: 'signing',
        algorithm: 'ES256',
        sealed: 'first',
        createdAt: fixture.now(),
        retiredAt: undefined,
      },
      {
        number: 2,
        purpose: 'refresh',
        algorithm: 'HS256',
        sealed: 'second',
        createdAt: fixture.now(),
        retiredAt: undefined,
      },
    ])
  })

  that('T24 twenty processes that start at once agree on one key for each purpose and algorithm', async (fixture) => {
    await atOnce(20, (index) => addKey(fixture, false, `made by ${index}`))
    await atOnce(20, (index) => addKey(fixture, false, `made by ${index}`, 'EdDSA'))
    const { keys } = await fixture.store.registry.setup()
    assert.deepEqual(
      keys.map(({ number, algorithm }) => [number, algorithm]),
      [
        [1, 'ES256'],
        [2, 'EdDSA'],
      ],
    )
  })

  that('T24 ten operators who each want another key get ten, with ten numbers', async (fixture) => {
    await atOnce(10, (index) => addKey(fixture, true, `sealed ${index}`))
    const { keys } = await fixture.store.registry.setup()
    assert.deepEqual(
      keys.map(({ number }) => number),
      Array.from({ length: 10 }, (_, index) => index + 1),
    )
    assert.equal(new Set(keys.map(({ sealed }) => sealed)).size, 10)
  })

  that('resealing replaces seals and nothing else', async (fixture) => {
    await addKey(fixture, true, 'old key')
    await addKey(fixture, true, 'other key')
    const before = await fixture.store.registry.setup()
    await fixture.store.registry.reseal({
      keys: [{ number: 1, sealed: 'new key' }],
      apps: [{ id: CLUB, secretSealed: 'new secret' }],
    })
    const after = await fixture.store.registry.setup()
    assert.deepEqual(after, {
      ...before,
      revision: before.revision + 1,
      keys: before.keys.map((key) => (key.number === 1 ? { ...key, sealed: 'new key' } : key)),
      apps: before.apps.map((app) => (app.id === CLUB ? { ...app, secretSealed: 'new secret' } : app)),
    })
  })

  that('a setting is kept, replaced, or left to whoever came first', async ({ store }) => {
    const { registry } = store
    assert.equal(await registry.setting('colour'), undefined)
    assert.equal(await registry.setSetting({ name: 'colour', value: 'red', ifAbsent: true }), 'red')
    assert.equal(await registry.setSetting({ name: 'colour', value: 'blue', ifAbsent: true }), 'red')
    assert.equal(await registry.setSetting({ name: 'colour', value: '', ifAbsent: false }), '')
    assert.equal(await registry.setting('colour'), '')
  })

  that('of twenty processes that set one thing first at once one wins, and all hear who', async ({ store }) => {
    const heard = await atOnce(20, (index) =>
      store.registry.setSetting({ name: 'mode', value: `of ${index}`, ifAbsent: true }),
    )
    assert.equal(new Set(heard).size, 1)
    assert.equal(await store.registry.setting('mode'), heard[0])
  })

  that('a cloud key is listed with all that it was given, and needs an app that is there', async (fixture) => {
    const { registry } = fixture.store
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{"kty":"OKP"}',
      trustsUnionid: true,
      createdAt: fixture.now(),
      revokedAt: undefined,
    } as const
    assert.equal(await registry.addCloudKey({ act: fixture.act(), key }), 'added')
    assert.equal(
      await registry.addCloudKey({ act: fixture.act(), key: { ...key, id: 'ck_2', appId: NEW } }),
      'app_unknown',
    )
    assert.deepEqual((await registry.setup()).cloudKeys, [key])
  })

  that('a cloud key is revoked once; a second revocation keeps the first time', async (fixture) => {
    const { registry } = fixture.store
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{}',
      trustsUnionid: false,
      createdAt: fixture.now(),
      revokedAt: undefined,
    } as const
    await registry.addCloudKey({ act: fixture.act(), key })
    fixture.pass(1000)
    const revoke = (id = 'ck_1') => registry.revokeCloudKey({ act: fixture.act(), id, endSessions: true })
    assert.deepEqual(await revoke(), { ended: 0 })
    fixture.pass(1000)
    assert.deepEqual(await revoke(), { ended: 0 })
    assert.equal(await revoke('ck_9'), 'unknown')
    assert.equal((await registry.setup()).cloudKeys[0]?.revokedAt, fixture.now() - 1000)
  })

  that('revoking a cloud key ends the sessions that came through it when asked, and no other', async (fixture) => {
    const { registry } = fixture.store
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{}',
      trustsUnionid: false,
      createdAt: fixture.now(),
      revokedAt: undefined,
    } as const
    const method = (jti: string, id: string) =>
      ({ name: 'cloud-function', cloudKeyId: id, jti, expiresAt: 2e12 }) as const
    for (const id of ['ck_1', 'ck_2']) await registry.addCloudKey({ act: fixture.act(), key: { ...key, id } })
    const one = await fixture.logIn({ openid: 'o_1', method: method('a', 'ck_1') })
    const two = await fixture.logIn({ openid: 'o_2', method: method('b', 'ck_2') })
    const direct = await fixture.logIn({ openid: 'o_3' })
    await registry.revokeCloudKey({ act: fixture.act(), id: 'ck_2', endSessions: false })
    assert.deepEqual(await registry.revokeCloudKey({ act: fixture.act(), id: 'ck_1', endSessions: true }), { ended: 1 })
    assert.deepEqual(await Promise.all([one, two, direct].map(async (login) => (await fixture.session(login)).ended)), [
      'operator',
      undefined,
      undefined,
    ])
  })
}
