/**
 * The floor: the least work that turns a code into a session with the same promises. Bare `node:http`, one upstream call
 * on a kept connection, one sealed key, one group commit of the same rows, one ES256 signature. It checks nothing, and it
 * decides nothing: who is missing is created, everybody else is signed in.
 *
 * Arguments: port, database file, address of WeChat.
 */
import { createCipheriv, createSecretKey, generateKeyPairSync, hash, randomBytes, randomUUID, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { Pool } from 'undici'
import { APP_ID, APP_SECRET } from '../world/people.ts'
import { startCommits } from './commits.ts'

const [port = '', file = '', upstream = ''] = process.argv.slice(2)
const privateKey = Object.assign(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, {
  dsaEncoding: 'ieee-p1363',
})
const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"floor"}').toString('base64url')
const masterKey = createSecretKey(randomBytes(32))
const pepper = randomBytes(32)
const pool = new Pool(upstream, { connections: 256, pipelining: 1 })
const commit = await startCommits(file)

createServer((request, response) => {
  if (request.method !== 'POST') return void response.end()
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => void logIn(text, response))
}).listen(Number(port), '127.0.0.1')

async function logIn(text: string, response: ServerResponse): Promise<void> {
  const { code, nonce } = JSON.parse(text)
  const person = JSON.parse(await ask(code))
  const now = Date.now()
  const session = `ses_${randomUUID()}`
  const random = randomBytes(28)
  const salt = random.subarray(0, 16)
  const { user, isNew } = await commit([
    person.openid,
    person.unionid,
    `usr_${randomUUID()}`,
    seal(person.session_key, random.subarray(16)),
    session,
    salt,
    hash('sha256', code, 'base64url'),
    hash('sha256', nonce, 'base64url'),
    now,
  ])
  const body = JSON.stringify({
    accessToken: await token(user, session, now),
    tokenType: 'Bearer',
    expiresIn: 900,
    refreshToken: `${session}.${hash('sha256', Buffer.concat([pepper, salt]), 'base64url')}`,
    appId: APP_ID,
    openid: person.openid,
    unionid: person.unionid,
    user: { id: user, isNew, formerIds: [] },
  })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

function ask(code: string): Promise<string> {
  const path = `/sns/jscode2session?appid=${APP_ID}&secret=${APP_SECRET}&js_code=${code}&grant_type=authorization_code`
  return new Promise((resolve, reject) => {
    let text = ''
    pool.dispatch(
      { method: 'GET', path },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_, chunk) => {
          text += chunk.toString('latin1')
        },
        onResponseEnd: () => resolve(text),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}

function seal(sessionKey: string, nonce: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce)
  const body = cipher.update(sessionKey, 'latin1')
  cipher.final()
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('latin1')
}

function token(user: string, session: string, now: number): Promise<string> {
  const iat = Math.floor(now / 1000)
  const claims = {
    iss: 'floor',
    sub: user,
    aud: 'floor',
    exp: iat + 900,
    iat,
    jti: randomUUID(),
    client_id: APP_ID,
    sid: session,
  }
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(signed), privateKey, (error, signature) =>
      error ? reject(error) : resolve(`${signed}.${signature.toString('base64url')}`),
    )
  })
}

process.on('SIGTERM', () => process.exit())
