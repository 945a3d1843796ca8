// A login as tutorials and answers have it: Express, axios for code2Session, one row written, a token from jsonwebtoken. No
// limits, no retries, no replay answers, no refresh token, the session_key in clear.
//
// Arguments: port, database file, address of WeChat.
import { DatabaseSync } from 'node:sqlite'
import axios from 'axios'
import express from 'express'
import jwt from 'jsonwebtoken'

const [port, file, upstream] = process.argv.slice(2)
const secret = 'a secret that everybody signs with'

const db = new DatabaseSync(file)
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, openid TEXT NOT NULL UNIQUE, unionid TEXT, session_key TEXT, created_at INTEGER, last_login_at INTEGER
  );
`)
const upsert = db.prepare(`
  INSERT INTO users (openid, unionid, session_key, created_at, last_login_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (openid) DO UPDATE SET unionid = excluded.unionid, session_key = excluded.session_key, last_login_at = excluded.last_login_at
  RETURNING id
`)

const app = express()
app.use(express.json())
app.post('/v1/login', async (request, response) => {
  const { data } = await axios.get(`${upstream}/sns/jscode2session`, {
    params: {
      appid: request.body.appId,
      secret: 'secret',
      js_code: request.body.code,
      grant_type: 'authorization_code',
    },
  })
  if (data.errcode) return response.status(401).json({ error: data.errmsg })
  const now = Date.now()
  const { id } = upsert.get(data.openid, data.unionid ?? null, data.session_key, now, now)
  const token = jwt.sign({ sub: String(id), openid: data.openid }, secret, { expiresIn: '7d' })
  response.json({ token, openid: data.openid, unionid: data.unionid })
})
app.get('/', (_, response) => response.end())
app.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
