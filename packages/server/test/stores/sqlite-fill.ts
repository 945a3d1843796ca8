import { openSqliteStore } from '../../src/adapters/sqlite/store.ts'

/**
 * Writes to the store in the file `argv[2]`, `argv[3]` at a time, until ten writes have failed, and prints what became of
 * them. Run in a process of its own, whose files cannot grow as they like.
 */
const [file = '', atOnce = ''] = process.argv.slice(2)
const store = await openSqliteStore(file)
const refused: { code: unknown; retryAfter: unknown; message: string }[] = []
let answered = 0

async function write(): Promise<void> {
  const act = { actor: 'test', requestId: 'req_test', now: 1 }
  const entry = { kind: 'app_changed', outcome: 'ok', detail: { fields: 'x'.repeat(3000) } } as const
  try {
    await store.events.record({ act, entry })
    answered++
  } catch (error) {
    const { code, retryAfter, message } = error as Record<string, unknown>
    refused.push({ code, retryAfter, message: String(message) })
  }
}

while (refused.length < 10) await Promise.all(Array.from({ length: Number(atOnce) }, write))
const readAfterwards = (
  await store.events.list({ after: undefined, limit: 100_000, kind: undefined, userId: undefined })
).length
await store.upkeep.close()
console.log(JSON.stringify({ answered, refused, readAfterwards }))
