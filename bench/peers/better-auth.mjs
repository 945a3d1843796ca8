// better-auth with a plugin for mini programs, written as its own plugins are: its user, account and session tables, its
// session cookie, its database adapter on the same file settings.
//
// Arguments: port, database file, address of WeChat, people stored.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { openidOf, sessionKeyOf, storedPerson, unionidOf } from '../world/people.ts'
import { miniProgram } from './better-auth-plugin.mjs'
import { fill, openDatabase } from './database.mjs'

const [port, file, upstream, people] = process.argv.slice(2)
const db = openDatabase(file)
const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: randomBytes(32).toString('base64'),
  database: db,
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [miniProgram(upstream)],
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
// Its own migration leaves this one out, and without it every login reads the whole table.
db.exec('CREATE INDEX account_by_key ON account (providerId, accountId)')
fillPeople(Number(people))

const handle = toNodeHandler(betterAuth(options))
createServer((request, response) => {
  if (request.url === '/') response.end()
  else void handle(request, response)
}).listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())

function fillPeople(count) {
  const now = new Date().toISOString()
  const user = db.prepare(
    'INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt, unionid) VALUES (?, ?, ?, 0, ?, ?, ?)',
  )
  const account = db.prepare(
    "INSERT INTO account (id, accountId, providerId, userId, accessToken, createdAt, updatedAt) VALUES (?, ?, 'mini-program', ?, ?, ?, ?)",
  )
  fill(db, count, (index) => {
    const openid = openidOf(storedPerson(index))
    const id = `stored${String(index).padStart(26, '0')}`
    user.run(id, 'WeChat user', `${openid}@wechat.invalid`, now, now, unionidOf(storedPerson(index)))
    account.run(`account${id}`, openid, id, sessionKeyOf(storedPerson(index)), now, now)
  })
}
