import assert from 'node:assert/strict'
import type { AppId } from '@hufu/wechat/words'
import type { RealmId } from '../../../src/domain/ids.ts'
import type { StoredApp } from '../../../src/ports/registry.ts'
import { type DescribedTables, newApp, SHOP, type TablesFixture } from '../store-fixture.ts'

/** What operators set up: realms, apps, keys and settings, and how other processes hear of it. */
export function tablesOfRegistry({ that }: DescribedTables): void {
  const add = ({ store, act }: TablesFixture, app: StoredApp) => store.registry.addApp({ act: act(), app })
  const change = ({ store, act }: TablesFixture, change: Partial<StoredApp>, appId = SHOP) =>
    store.registry.changeApp({ act: act(), appId, change })
  that('T14 an app that moves while people come for the first time has all of them in one realm', async (fixture) => {
    for (let round = 0; round < 10; round++) {
      const app = `wx_${round}` as AppId
      await add(fixture, newApp(app))
      const [moved, ...outcomes] = await Promise.all([
        change(fixture, { realmId: 'rival' as RealmId }, app),
        ...Array.from({ length: 8 }, (_, index) =>
          fixture.store.logins.commit(fixture.facts({ app, openid: `o_${index}`, unionid: `u_${index}` })),
        ),
      ])
      const gone = outcomes.filter((outcome) => outcome === 'app_gone').length
      assert.ok(moved === 'changed' ? gone === 8 : moved === 'has_identities' && gone === 0)
    }
    const crossed = `identities i JOIN apps a ON a.id = i.app_id JOIN users u ON u.id = i.user_id WHERE a.realm_id <> u.realm_id`
    assert.equal(await fixture.count(crossed), 0)
  })
}
