import { pinoLog } from '../../src/adapters/pino-log.ts'
import { compose } from '../../src/compose.ts'
import type { Environment } from '../../src/config/config.ts'
import { revokeCloudKey } from '../../src/usecases/revoke-cloud-key.ts'
import { config } from '../fixture/config.ts'
import type { TestServer } from '../fixture/server.ts'
import { simulatedTransport } from '../fixture/wechat.ts'

/** A server of its own memory on the database of this server, as another process would be. */
export async function anotherProcess({ store, wechat, clock }: TestServer, settings: Environment = {}) {
  const transport = simulatedTransport(wechat)
  const { app, directory } = await compose(config(settings), { store, transport, clock, log: pinoLog('silent') })
  return {
    directory,
    /** The status of one login. */
    async post(assertion: string): Promise<number> {
      const reply = await app.request('/v1/login/cloud', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ assertion }),
      })
      return reply.status
    },
    revoke: (id: string) =>
      revokeCloudKey(
        { registry: store.registry, directory },
        { act: { actor: 'operator', requestId: 'req_other', now: clock.now() }, id, endSessions: false },
      ),
  }
}
