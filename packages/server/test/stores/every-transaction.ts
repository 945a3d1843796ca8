import { erasureHash } from '../../src/domain/erasure.ts'
import { RETENTION } from '../../src/domain/events.ts'
import type { RealmId, UserId } from '../../src/domain/ids.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import { DAY, MINUTE } from '../../src/domain/time.ts'
import type { Store } from '../../src/ports/store.ts'
import { bytesOf, CLUB, NEWS, newApp, open, RIVAL, SHOP, type StoreFixture, union } from './store-fixture.ts'

/** Asks of a store everything that there is to ask, in so many ways that each statement it has is used once at least. */
export async function askEverything(fixture: StoreFixture): Promise<void> {
  await logInEveryWay(fixture)
  await useSessions(fixture)
  await putRight(fixture)
  await searchEverything(fixture)
  await registerEverything(fixture)
  await restoreEverything(fixture)
  await deliverAndSweep(fixture)
}

async function logInEveryWay(fixture: StoreFixture): Promise<void> {
  const { store, logIn, pass } = fixture
  await store.registry.addCloudKey({
    act: fixture.act(),
    key: { id: 'ck_1', appId: SHOP, publicJwk: '{}', trustsUnionid: true, createdAt: 1, revokedAt: undefined },
  })
  await logIn({ openid: 'o_mei', code: 'code-1', nonce: 'nonce-1' }) // create
  await logIn({ openid: 'o_mei', sealed: undefined }) // sign in, without a session_key
  pass(1)
  await logIn({ openid: 'o_mei', unionid: 'u_mei' }) // attach
  await logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }) // link
  pass(1)
  await logIn({ app: CLUB, openid: 'c_bo' })
  pass(1)
  await logIn({ openid: 'o_bo', unionid: 'u_bo' })
  await logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' }) // unify
  await logIn({ openid: 'o_bo', unionid: 'u_other' }) // conflict
  const cloudKey = { name: 'cloud-function', cloudKeyId: 'ck_1', expiresAt: fixture.now() + MINUTE } as const
  await logIn({ openid: 'o_li', method: { ...cloudKey, jti: 'jti-1' } })
  await store.logins.commit(fixture.facts({ openid: 'o_li', method: { ...cloudKey, jti: 'jti-1' } }))
  await store.logins.findByCode({ appId: SHOP, codeHash: bytesOf('code-1') })
}

async function useSessions(fixture: StoreFixture): Promise<void> {
  const { store, logIn, refresh, pass } = fixture
  const [used, slept, stolen, over, left] = [
    await logIn({ openid: 'o_1' }),
    await logIn({ openid: 'o_2' }),
    await logIn({ openid: 'o_3' }),
    await logIn({ openid: 'o_4' }),
    await logIn({ openid: 'o_5' }),
  ] as const
  for (const login of [used, slept, stolen]) await refresh(login.facts.session, login.step)
  await refresh(used.facts.session, used.step) // repeat
  pass(LIFETIMES.grace + 1)
  await refresh(slept.facts.session, slept.step) // late
  const { current } = await fixture.session(stolen)
  await refresh(stolen.facts.session, current)
  await refresh(stolen.facts.session, stolen.step) // stolen
  await store.sessions.listOf({ userId: used.user.id, now: fixture.now(), lifetimes: LIFETIMES })
  const act = fixture.act()
  await store.sessions.end({ act, userId: left.user.id, sessionId: left.facts.session.id, reason: 'logout' })
  await store.sessions.endAll({ act, userId: used.user.id, reason: 'operator' })
  pass(LIFETIMES.idle)
  await refresh(over.facts.session, over.step) // expired
}

async function putRight(fixture: StoreFixture): Promise<void> {
  const { store } = fixture
  const { reconciliation, users } = store
  const [first] = await reconciliation.listUnifications({ after: undefined, limit: 1 })
  await reconciliation.listUnifications({ after: first?.id ?? '', limit: 1 })
  const [conflict] = await reconciliation.listConflicts({ after: undefined, limit: 1, open: true })
  await reconciliation.listConflicts({ after: undefined, limit: 1, open: false })
  for (const open of [true, false]) {
    await reconciliation.listConflicts({ after: conflict?.id ?? '', limit: 1, open })
  }
  const act = fixture.act()
  const survivor = first?.survivorId as UserId
  await users.block({ act, userId: survivor })
  await users.unblock({ act, userId: survivor })
  await reconciliation.previewUndo(first?.id ?? '')
  await reconciliation.undo({ act, id: first?.id ?? '' })
  await reconciliation.resolveConflict({ act, id: conflict?.id ?? '', decision: 'keep' })
  await reconciliation.resolveConflict({ act, id: conflict?.id ?? '', decision: 'accept' })
  await uniteBlocked(fixture)
  await uniteThree(fixture)
}

/** Of two who become one, one is blocked; then they are two again. */
async function uniteBlocked(fixture: StoreFixture): Promise<void> {
  const { store, logIn, pass } = fixture
  const elder = await logIn({ openid: 'o_wu' })
  pass(1)
  const younger = await logIn({ app: CLUB, openid: 'c_wu', unionid: 'u_wu' })
  await logIn({ app: CLUB, openid: 'c_wu' })
  await store.users.block({ act: fixture.act(), userId: younger.user.id })
  await logIn({ openid: 'o_wu', unionid: 'u_wu' })
  const [newest] = await store.reconciliation.listUnifications({ after: undefined, limit: 1 })
  await store.reconciliation.undo({ act: fixture.act(), id: newest?.id ?? '' })
  await store.users.delete({ act: fixture.act(), userId: elder.user.id })
}

/** Of two who become one, the one that goes had become one with a third before. */
async function uniteThree({ store, act, logIn, pass }: StoreFixture): Promise<void> {
  await logIn({ app: NEWS, openid: 'n_xu' })
  pass(1)
  await logIn({ openid: 'o_xu' })
  pass(1)
  await logIn({ app: CLUB, openid: 'c_xu', unionid: 'u_xu' })
  await logIn({ openid: 'o_xu', unionid: 'u_xu' })
  pass(1)
  await logIn({ app: NEWS, openid: 'n_xu', unionid: 'u_xu' })
  const [newest] = await store.reconciliation.listUnifications({ after: undefined, limit: 1 })
  await store.reconciliation.undo({ act: act(), id: newest?.id ?? '' })
}

async function searchEverything({ store, logIn }: StoreFixture): Promise<void> {
  const { user } = await logIn({ openid: 'o_1' })
  await store.users.find(user.id)
  await store.users.findByIdentity({ appId: SHOP, openid: open('o_1') })
  await store.users.findByUnionid(union('u_mei'))
  await store.users.list({ after: undefined, limit: 9 })
  for (const kind of [undefined, 'login', 'user_blocked'] as const) {
    for (const userId of [undefined, user.id]) {
      for (const after of [undefined, 9]) await store.events.list({ after, limit: 9, kind, userId })
    }
  }
}

async function registerEverything(fixture: StoreFixture): Promise<void> {
  const { registry }: Store = fixture.store
  const act = fixture.act()
  const id = 'wx00000000000000c1' as typeof SHOP
  await registry.addApp({ act, app: newApp(id) })
  await registry.changeApp({ act, appId: id, change: { realmId: 'rival' as RealmId, origins: ['https://a.example'] } })
  await registry.changeApp({ act, appId: RIVAL, change: { realmId: 'default' as RealmId } })
  await registry.removeApp({ act, appId: id })
  for (const another of [false, true]) {
    await registry.addKey({ act, purpose: 'refresh', algorithm: 'HS256', sealed: 'sealed', another })
  }
  await registry.reseal({
    keys: [{ number: 1, was: 'sealed', sealed: 'again' }],
    apps: [{ id: SHOP, was: '', secretSealed: 'again' }],
  })
  await retireEverything(fixture)
  await registry.revokeCloudKey({ act, id: 'ck_1', endSessions: true })
  for (const ifAbsent of [true, false]) await registry.setSetting({ name: 'mode', value: 'production', ifAbsent })
  await registry.setting('mode')
  await registry.setup()
  await registry.revision()
}

async function retireEverything({ store: { registry }, act, pass }: StoreFixture): Promise<void> {
  const successor = { purpose: 'refresh', algorithm: 'HS256', sealed: 'successor', sealedBy: 'K1' } as const
  const retire = (number: number) => registry.retireKey({ act: act(), number, reason: 'operator', successor })
  await retire(1) // the one that waits takes its place
  pass(1)
  await retire(2) // nobody waits: the successor does
  await registry.setSetting({ name: 'key-check', value: 'K1', ifAbsent: true })
  await registry.changeMasterKey({ from: 'K1', to: 'K2' })
}

/** A backup in which somebody lives who was erased since, in one app and as the holder of a unionid too. */
async function restoreEverything({ store, act, logIn, now }: StoreFixture): Promise<void> {
  const erasureKey = Buffer.alloc(32, 1).toString('base64url')
  await store.registry.setSetting({ name: 'erasure-key', value: erasureKey, ifAbsent: true })
  const { user } = await logIn({ openid: 'o_gone', unionid: 'u_gone' })
  await store.users.delete({ act: act(), userId: user.id })
  const { user: again } = await logIn({ openid: 'o_again', unionid: 'u_again' })
  const named = [
    { userId: again.id },
    { appId: SHOP, openid: 'o_5' },
    { appId: SHOP, openid: 'o_mei' },
    { realmId: 'default', unionid: 'u_mei' },
  ]
  const erasures = named.map((one) => ({ at: now() + 1, hash: erasureHash(erasureKey, one) }))
  await store.upkeep.startEpoch({ act: act(), epoch: 'second', keepSessions: false, erasureKey, erasures })
  await store.upkeep.erasures({ since: 0 })
}

async function deliverAndSweep(fixture: StoreFixture): Promise<void> {
  const { store, pass } = fixture
  await store.upkeep.ping()
  await store.events.record({ act: fixture.act(), entry: { kind: 'backup_made', outcome: 'ok' } })
  await store.upkeep.ping('mark')
  const claimed = await store.events.claim({ now: fixture.now(), lapse: MINUTE, limit: 9 })
  await store.events.delivered({ now: fixture.now(), seqs: claimed.map(({ seq }) => seq) })
  for (const days of [4, 40, 400]) {
    pass(days * DAY)
    await store.upkeep.sweep({ now: fixture.now(), lifetimes: LIFETIMES, retention: RETENTION, limit: 1000 })
  }
}
