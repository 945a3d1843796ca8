import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { shop } from '../packages/server/test/fixture/apps.ts'
import { adminToken } from '../packages/server/test/fixture/config.ts'
import { ask } from '../packages/server/test/fixture/process.ts'
import { ensureStrace, noStrace } from '../scripts/strace.mts'
import { orderOf } from './sync-order/early-answers.ts'
import { readTrace } from './sync-order/read-trace.ts'
import { startTraced, type TracedServer } from './sync-order/traced-server.ts'

const AT_ONCE = 8
const TURNS = 5
const NORMAL_SYNC = fileURLToPath(new URL('sync-order/normal-sync.mjs', import.meta.url))
const canTrace = ensureStrace()
if (!canTrace) {
  process.stderr.write(noStrace)
  after(() => void process.stderr.write(noStrace))
}
const options = canTrace ? {} : { skip: 'no strace that may watch processes' }

async function addShop({ adminUrl }: TracedServer): Promise<void> {
  const { openAccount: _, ...facts } = shop
  assert.equal((await ask(`${adminUrl}/admin/v1/apps`, 'POST', facts, adminToken)).status, 201)
}

async function logIn({ url, wechat }: TracedServer, person: string): Promise<{ refreshToken: string }> {
  wechat.addPerson({ name: person })
  const { status, body, text } = await ask(`${url}/v1/login`, 'POST', {
    appId: shop.appId,
    code: wechat.login(shop.appId, person),
  })
  assert.equal(status, 200, text)
  return body as { refreshToken: string }
}

/** Many at once, again and again, so that commits are shared and answers overlap with the syncs of others. */
async function logInTogether(server: TracedServer): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => logIn(server, `person-${turn}-${at}`)))
  }
}

test('T38 every login that is answered was on the disk before, those that share a sync too', options, async (t) => {
  const server = await startTraced(t, { imports: [] })
  await addShop(server)
  await logInTogether(server)
  const { answered, early } = orderOf(readTrace(await server.stop()), 'first')
  assert.equal(new Set(answered).size, AT_ONCE * TURNS)
  assert.deepEqual(early, [])
})

test('T38 every refresh that is answered was on the disk before', options, async (t) => {
  const server = await startTraced(t, { imports: [] })
  await addShop(server)
  let { refreshToken } = await logIn(server, 'mei')
  for (let turn = 0; turn < TURNS; turn++) {
    const { status, body } = await ask(`${server.url}/v1/refresh`, 'POST', { refreshToken })
    assert.equal(status, 200)
    refreshToken = (body as { refreshToken: string }).refreshToken
  }
  const { answered, early } = orderOf(readTrace(await server.stop()), 'last')
  assert.equal(answered.length, 1 + TURNS)
  assert.deepEqual(early, [])
})

test('the same check finds every answer early with synchronous=NORMAL', options, async (t) => {
  const server = await startTraced(t, { imports: [NORMAL_SYNC] })
  await addShop(server)
  await logInTogether(server)
  const { answered, early } = orderOf(readTrace(await server.stop()), 'first')
  assert.equal(new Set(answered).size, AT_ONCE * TURNS)
  assert.deepEqual(early, answered)
})

const ID = 'ses_01m88g0nz3328ntzky0amdes8r'
const WRITE = `12 pwrite64(23</d/hufu.db-wal>, "..${ID}..", 4096, 4152) = 4096`
const SYNC = '12 fdatasync(23</d/hufu.db-wal>) = 0'
const ANSWER = `11 writev(25<socket:[9]>, [{iov_base="HTTP/1.1 200 OK\\r\\n", iov_len=17}, {iov_base="${ID}", iov_len=30}], 2) = 47`

test('a sync counts only when it began after the write and was done before the answer', () => {
  const early = (...lines: string[]) => orderOf(readTrace(lines.join('\n')), 'first').early.length
  const begun = '12 fdatasync(23</d/hufu.db-wal> <unfinished ...>'
  const resumed = '12 <... fdatasync resumed>) = 0'
  assert.equal(early(WRITE, SYNC, ANSWER), 0)
  assert.equal(early(WRITE, begun, resumed, ANSWER), 0)
  assert.equal(early(SYNC, WRITE, ANSWER), 1, 'of the commit before')
  assert.equal(early(WRITE, begun, ANSWER, resumed), 1, 'still under way')
  assert.equal(early(WRITE, SYNC.replace('-wal', ''), ANSWER), 1, 'of another file')
  assert.equal(early(WRITE, SYNC.replace('= 0', '= -1 EIO'), ANSWER), 1, 'that failed')
  assert.equal(early(SYNC, ANSWER), 1, 'never written')
})
