// A login as tutorials and answers have it: Express, axios for code2Session, one row written, a token from jsonwebtoken. No
// limits, no retries, no replay answers, no refresh token, the session_key in clear.
//
// Arguments: port, database file, address of WeChat, people stored.
import axios from 'axios'
import express from 'express'
import jwt from 'jsonwebtoken'
import { APP_ID, APP_SECRET } from '../world/people.ts'
import { openUsers } from './users-table.mjs'

const [port, file, upstream, people] = process.argv.slice(2)
const secret = 'a secret that everybody signs with'
const upsertUser = openUsers(file, Number(people))

const app = express()
app.use(express.json())
app.post('/v1/login', async (request, response) => {
  const { data } = await axios.get(`${upstream}/sns/jscode2session`, {
    params: { appid: APP_ID, secret: APP_SECRET, js_code: request.body.code, grant_type: 'authorization_code' },
  })
  if (data.errcode) return response.status(401).json({ error: data.errmsg })
  const id = upsertUser(data)
  const token = jwt.sign({ sub: String(id), openid: data.openid }, secret, { expiresIn: '7d' })
  response.json({ token, openid: data.openid, unionid: data.unionid })
})
app.get('/', (_, response) => response.end())
app.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
