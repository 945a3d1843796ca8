import { ProblemError } from '../domain/problem-error.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { WriteHealth } from '../usecases/write-health.ts'
import { json, type Route, route } from './route.ts'

export const wellKnownRoutes = ({ tokens, writes }: { tokens: Tokens; writes: WriteHealth }): Route[] => [
  route({
    on: 'GET',
    path: '/.well-known/jwks.json',
    who: 'anyone',
    published: true,
    async run() {
      const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=60' }
      return new Response(JSON.stringify(tokens.jwks()), { headers })
    },
  }),
  route({ on: 'GET', path: '/healthz', who: 'anyone', published: true, run: async () => json({ status: 'ok' }) }),
  route({
    on: 'GET',
    path: '/readyz',
    who: 'anyone',
    published: true,
    async run() {
      await writes.prove()
      if (tokens.jwks().keys.length === 0) throw new ProblemError('server_misconfigured', 'There is no signing key.')
      return json({ status: 'ready' })
    },
  }),
]
