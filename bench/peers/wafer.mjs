// wafer-node-session, Tencent's own of 2017, with a store on SQLite. It knows one address of WeChat, so the library by which
// it asks is told of another here; nothing else of it is changed. No user, no unionid: a session and what WeChat said.
//
// Arguments: port, database file, address of WeChat, people stored (it has no people).
import { createRequire } from 'node:module'
import express from 'express'
import { APP_ID, APP_SECRET } from '../world/people.ts'
import { openDatabase } from './database.mjs'

const [port, file, upstream] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const request = require('request')
const { get } = request
request.get = (options, done) =>
  get({ ...options, url: options.url.replace('https://api.weixin.qq.com', upstream) }, done)
const session = require('wafer-node-session')

const db = openDatabase(file)
db.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, session TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID')
const read = db.prepare('SELECT session FROM sessions WHERE id = ?')
const write = db.prepare('INSERT OR REPLACE INTO sessions (id, session, expires_at) VALUES (?, ?, ?)')

class SqliteStore extends session.Store {
  get(id, done) {
    const found = read.get(id)
    done(null, found && JSON.parse(found.session))
  }

  set(id, value, done) {
    write.run(id, JSON.stringify(value), Date.now() + value.cookie.maxAge)
    done(null)
  }
}

const app = express()
app.use(session({ appId: APP_ID, appSecret: APP_SECRET, loginPath: '/login', store: new SqliteStore() }))
app.get('/', (_, response) => response.end())
app.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
