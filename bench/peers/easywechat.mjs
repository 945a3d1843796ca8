// A careful person's own login from good parts: Express, node-easywechat for WeChat, jose for an ES256 token, one row written.
// No refresh token, no replay answers, the session_key in clear.
//
// Arguments: port, database file, address of WeChat, people stored.
import express from 'express'
import { generateKeyPair, SignJWT } from 'jose'
import { MiniApp } from 'node-easywechat'
import { APP_ID, APP_SECRET } from '../world/people.ts'
import { openUsers } from './users-table.mjs'

const [port, file, upstream, people] = process.argv.slice(2)
const { privateKey } = await generateKeyPair('ES256')
const wechat = new MiniApp({ app_id: APP_ID, secret: APP_SECRET, http: { baseURL: `${upstream}/` } })
const upsertUser = openUsers(file, Number(people))

const app = express()
app.use(express.json())
app.post('/v1/login', async (request, response) => {
  const session = await wechat.getUtils().codeToSession(request.body.code)
  const id = upsertUser(session)
  const token = await new SignJWT({ openid: session.openid })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
    .setSubject(String(id))
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(privateKey)
  response.json({ token, openid: session.openid, unionid: session.unionid })
})
app.get('/', (_, response) => response.end())
app.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
