import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose'

export interface Login {
  claims: JWTPayload
  header: ProtectedHeaderParameters
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface HufuFixture {
  url: string
  /** Assertions that were found good, in the order of their arrival. */
  logins: Login[]
  /** Why assertions were not; a test that expects none compares it with []. */
  refused: string[]
  /** How many TCP connections there have been. */
  connections(): number
  /** Makes a key pair, believes it, and says what the operator puts into the function's environment. */
  addKey(kind?: 'Ed25519' | 'P-256'): Promise<{ kid: string; d: string; jwk: string }>
  /** What to do with the next requests, instead of verifying. `undefined`: verify again. */
  answerWith(answer: Answer | undefined): void
  stop(): Promise<void>
}

/** A Hufu of sixty lines: believes an assertion as the protocol says, by `jose` and not by code of ours. */
export async function startHufuFixture(): Promise<HufuFixture> {
  const keys = new Map<string, CryptoKey>()
  const seen = new Set<string>()
  const logins: Login[] = []
  const refused: string[] = []
  let connections = 0
  let instead: Answer | undefined

  const verify = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      if (request.method !== 'POST' || request.url !== '/v1/login/cloud') throw new Error('wrong path')
      if (request.headers['content-type'] !== 'application/json') throw new Error('wrong content type')
      const body: Record<string, unknown> = JSON.parse(await read(request))
      if (Object.keys(body).join() !== 'assertion' || typeof body.assertion !== 'string') throw new Error('wrong body')
      const { payload, protectedHeader } = await jwtVerify(body.assertion, ({ kid }) => find(keys, kid), {
        algorithms: ['EdDSA', 'ES256'],
        audience: url,
        typ: 'JWT',
        maxTokenAge: 60,
        requiredClaims: ['iss', 'sub', 'iat', 'exp', 'jti'],
      })
      if (seen.has(String(payload.jti))) throw new Error('replayed')
      seen.add(String(payload.jti))
      logins.push({ claims: payload, header: protectedHeader })
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(loginReply(payload)))
    } catch (error) {
      refused.push(String(error))
      answerProblem(401, 'assertion_invalid')(request, response)
    }
  }
  const server = createServer((request, response) => void (instead ?? verify)(request, response))
  server.on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    logins,
    refused,
    connections: () => connections,
    async addKey(kind = 'Ed25519') {
      const kid = `ck_${keys.size + 1}`
      const pair = await generateKeyPair(kind === 'Ed25519' ? 'EdDSA' : 'ES256', { extractable: true })
      keys.set(kid, pair.publicKey)
      const { kty, crv, x, y, d = '' } = await exportJWK(pair.privateKey)
      return { kid, d, jwk: JSON.stringify({ kty, crv, x, y, d, kid }) }
    },
    answerWith(answer) {
      instead = answer
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers like Hufu does when it refuses. */
export const answerProblem =
  (status: number, code: string, retryAfter?: number): Answer =>
  (_request, response) => {
    const problem = {
      type: `/problems/${code}`,
      title: code,
      status,
      code,
      detail: 'No.',
      requestId: 'req_1',
      retryAfter,
    }
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  }

export const loginReply = ({ iss, sub, unionid }: JWTPayload) => ({
  accessToken: `access-of-${sub}`,
  tokenType: 'Bearer',
  expiresIn: 900,
  refreshToken: `refresh-of-${sub}`,
  appId: iss,
  openid: sub,
  unionid: unionid ?? null,
  user: { id: `usr_${sub}`, isNew: true, formerIds: [] },
})

function find(keys: Map<string, CryptoKey>, kid: string | undefined): CryptoKey {
  const key = keys.get(kid ?? '')
  if (!key) throw new Error('unknown key')
  return key
}

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
