import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../../src/adapters/sqlite/store.ts'

const PROGRAM = fileURLToPath(new URL('sqlite-fill.ts', import.meta.url))

interface Told {
  answered: number
  refused: { code: unknown; retryAfter: unknown; message: string }[]
  readAfterwards: number
}

/** Runs a store in a process that may make no file larger than this, and writes to it from several sides until it cannot. */
async function fill(t: TestContext, kibibytes: number, atOnce: number): Promise<{ told: Told; file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-fill-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hufu.db')
  await (await openSqliteStore(file)).upkeep.close()
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const line = `ulimit -f ${kibibytes * 2} && exec "$0" -C source "$1" "$2" "$3"`
  const child = spawn('sh', ['-c', line, process.execPath, PROGRAM, file, String(atOnce)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (bytes) => {
    said += bytes
  })
  assert.deepEqual(await once(child, 'close'), [0, null])
  return { told: JSON.parse(said), file }
}

for (const [kibibytes, atOnce] of [
  [600, 1],
  [600, 40],
  [1500, 7],
] as const) {
  test(`C7 a disk that takes no more than ${kibibytes} KiB: ${atOnce} at once are answered or unavailable, never internal`, async (t) => {
    const { told, file } = await fill(t, kibibytes, atOnce)
    assert.ok(told.answered > 0 && told.refused.length > 0)
    for (const { code, retryAfter, message } of told.refused) {
      assert.deepEqual([code, retryAfter], ['unavailable', 1], message)
    }
    assert.equal(told.readAfterwards, told.answered, 'it still reads what was answered')
    const store = await openSqliteStore(file)
    t.after(() => store.upkeep.close())
    assert.equal(
      (await store.events.list({ after: undefined, limit: 100_000, kind: undefined, userId: undefined })).length,
      told.answered,
    )
  })
}
