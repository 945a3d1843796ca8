import type { TestContext } from 'node:test'
import { type FetchHandler, type Listening, listen } from '../../src/runtime/listen.ts'

/** Puts an app on a port of this machine for the length of a test. */
export async function serve(t: TestContext, app: { fetch: FetchHandler }): Promise<Listening> {
  const listening = await listen(app.fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => listening.close(0))
  return listening
}
