import assert from 'node:assert/strict'
import { atOnce, bytesOf, type DescribedTables, SHOP, type TablesFixture } from '../store-fixture.ts'

/** What a code led to, and assertions that work once. */
export function tablesOfCodes({ that }: DescribedTables): void {
  const answerTo = ({ store }: TablesFixture, code: string, app = SHOP) =>
    store.logins.findByCode({ appId: app, codeHash: bytesOf(code) })

  that('a development code is not remembered', async (fixture) => {
    await fixture.logIn()
    assert.equal(await fixture.count('login_codes'), 0)
  })

  that('T07 one code that reaches the store twenty times at once is remembered by one login', async (fixture) => {
    const logins = await atOnce(20, () => fixture.logIn({ code: 'code-1' }))
    const answer = await answerTo(fixture, 'code-1')
    assert.ok(logins.some(({ facts }) => facts.session.id === answer?.session?.id))
    assert.equal(await fixture.count('login_codes'), 1)
  })

  const cloudMethod = (jti: string, cloudKeyId = 'ck_1') =>
    ({ name: 'cloud-function', cloudKeyId, jti, expiresAt: 2e12 }) as const
  const addKey = (fixture: TablesFixture, id = 'ck_1') =>
    fixture.store.registry.addCloudKey({
      act: fixture.act(),
      key: { id, appId: SHOP, publicJwk: '{}', trustsUnionid: false, createdAt: fixture.now(), revokedAt: undefined },
    })

  that('an assertion lets somebody in once, and its session bears the key', async (fixture) => {
    await addKey(fixture)
    const login = await fixture.logIn({ method: cloudMethod('jti-1'), sealed: undefined })
    assert.equal(login.decision, 'create')
    assert.deepEqual(await fixture.select('SELECT cloud_key_id FROM sessions'), [{ cloud_key_id: 'ck_1' }])
    const again = fixture.facts({ method: cloudMethod('jti-1') })
    assert.equal(await fixture.store.logins.commit(again), 'assertion_replayed')
    assert.equal(await fixture.count('sessions'), 1)
  })

  that('an assertion that comes twenty times at once lets in once', async (fixture) => {
    await addKey(fixture)
    const outcomes = await atOnce(20, () =>
      fixture.store.logins.commit(fixture.facts({ method: cloudMethod('jti-1') })),
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'assertion_replayed').length, 19)
    assert.deepEqual(await Promise.all(['users', 'sessions'].map(fixture.count)), [1, 1])
  })

  that('a revoked key, and one that never was, let nobody in and spend nothing', async (fixture) => {
    await addKey(fixture)
    await fixture.store.registry.revokeCloudKey({ act: fixture.act(), id: 'ck_1', endSessions: false })
    for (const key of ['ck_1', 'ck_9']) {
      assert.equal(
        await fixture.store.logins.commit(fixture.facts({ method: cloudMethod('jti-1', key) })),
        'key_revoked',
      )
    }
    assert.deepEqual(
      await Promise.all(['users', 'spent_assertions', "audit_events WHERE kind = 'login'"].map(fixture.count)),
      [0, 0, 0],
    )
  })

  that('an assertion whose login fails is not spent', async (fixture) => {
    await addKey(fixture)
    const first = await fixture.logIn()
    const failing = fixture.facts({ openid: 'o_bo', method: cloudMethod('jti-1') })
    await assert.rejects(fixture.store.logins.commit({ ...failing, session: first.facts.session }))
    assert.equal(await fixture.count('spent_assertions'), 0)
    assert.equal((await fixture.logIn({ openid: 'o_bo', method: cloudMethod('jti-1') })).hasSession, true)
  })

  that(
    'T25 a key revoked with its sessions, while logins come through it, leaves no session of it alive',
    async (fixture) => {
      for (let round = 0; round < 10; round++) {
        const key = `ck_r${round}`
        await addKey(fixture, key)
        const logins = atOnce(8, (index) =>
          fixture.store.logins.commit(
            fixture.facts({ openid: `o_${round}_${index}`, method: cloudMethod(`jti-${index}`, key) }),
          ),
        )
        const revoked = fixture.store.registry.revokeCloudKey({ act: fixture.act(), id: key, endSessions: true })
        await Promise.all([logins, revoked])
        assert.equal(await fixture.count(`sessions WHERE cloud_key_id = '${key}' AND ended IS NULL`), 0)
      }
    },
  )
}
