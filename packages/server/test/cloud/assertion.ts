import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { LoginReply } from '@hufu/contract'
import { issuer } from '../fixture/config.ts'
import { ask } from '../fixture/process.ts'
import type { Reply } from '../fixture/reply.ts'
import type { TestServer } from '../fixture/server.ts'
import { SECOND } from '../fixture/time.ts'

export type Algorithm = 'EdDSA' | 'ES256'

/** A cloud key with both halves. */
export interface Pair {
  kid: string
  alg: Algorithm
  publicKey: KeyObject
  privateKey: KeyObject
}

export const newPair = (kid: string, alg: Algorithm = 'EdDSA'): Pair => ({
  kid,
  alg,
  ...(alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })),
})

/** Makes a pair and lets its public half in, as an operator does. */
export async function addKey(
  server: TestServer,
  app: { appId: string },
  { unionid = 'trust', alg = 'EdDSA' }: { unionid?: 'trust' | 'ignore'; alg?: Algorithm } = {},
): Promise<Pair> {
  const pair = newPair('', alg)
  const publicJwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
  const added = await server.admin('POST', 'cloud-keys', { appId: app.appId, unionid, publicJwk })
  assert.equal(added.status, 201, added.text)
  return { ...pair, kid: (added.body as { id: string }).id }
}

export const encode = (part: object | string): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

export const headerOf = ({ alg, kid }: Pair) => ({ alg, kid, typ: 'JWT' })

/** Signs what it is given: text as it stands, so that a test can write what no library of JSON would. */
export function jws(pair: Pair, header: object | string, claims: object | string): string {
  const input = `${encode(header)}.${encode(claims)}`
  const { privateKey: key, alg } = pair
  const signature = sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** What a genuine cloud function says of a person in an app, with the unionid that WeChat gives there. */
export function claimsOf(server: TestServer, app: { appId: string }, person: string) {
  const iat = Math.floor(server.clock.now() / SECOND)
  const unionid = server.wechat.unionid(app.appId, person)
  return {
    iss: app.appId,
    sub: server.wechat.openid(app.appId, person),
    aud: issuer,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
    ...(unionid === undefined ? {} : { unionid }),
  }
}

/** An assertion for this person, with other claims where a test says so. */
export const newAssertion = (
  server: TestServer,
  pair: Pair,
  app: { appId: string },
  person: string,
  claims: object = {},
): string => jws(pair, headerOf(pair), { ...claimsOf(server, app, person), ...claims })

export const post = (server: TestServer, assertion: string): Promise<Reply> =>
  server.post('/v1/login/cloud', { assertion })

/** One login that must succeed. */
export async function logInByCloud(
  server: TestServer,
  pair: Pair,
  app: { appId: string },
  person: string,
  claims: object = {},
): Promise<LoginReply> {
  const reply = await post(server, newAssertion(server, pair, app, person, claims))
  assert.equal(reply.status, 200, reply.text)
  return reply.body as LoginReply
}

/** Everything that stands in the database, as text: two dumps are equal when nothing was stored in between. */
export function dump(server: TestServer): string {
  const tables = server.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
  return tables
    .map(({ name }) =>
      [name, ...server.rows(`SELECT * FROM "${name}"`).map((row) => JSON.stringify(row, hex))].join('\n'),
    )
    .join('\n')
}

const hex = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value

/** The status and body of one login by a cloud function at a server on a socket. */
export async function postAssertion(
  address: string,
  assertion: string,
): Promise<{ status: number; body: { code?: string; accessToken?: string } }> {
  const { status, body } = await ask(`${address}/v1/login/cloud`, 'POST', { assertion })
  return { status, body: body as { code?: string; accessToken?: string } }
}
