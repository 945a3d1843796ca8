import { join, resolve } from 'node:path'
import type { Mode } from './config.ts'
import { databaseUrl } from './database-url.ts'
import * as parse from './parsers.ts'
import { pathSetting } from './path-setting.ts'
import { optional, setting, type Words } from './setting.ts'

const MADE: Words = {
  en: 'required (development: made in the data folder)',
  zh: '必填（开发模式：自动生成于数据目录）',
}

/** Where the store is, and what seals it. */
export const STORE_SETTINGS = {
  mode: setting({
    name: 'HUFU_MODE',
    option: 'mode',
    parse: parse.oneOf<Mode>(['production', 'development']),
    fallback: 'production',
    meaning: {
      en: '`production` or `development`, which takes test codes and marks its tokens `test`. Kept in the database: the other mode refuses to open it',
      zh: '`production` 或 `development`；开发模式接受测试 code，令牌带 `test` 标记。写入数据库，另一模式打不开',
    },
  }),
  dataDir: setting({
    name: 'HUFU_DATA_DIR',
    parse: (value) => resolve(pathSetting(value)),
    fallback: './data',
    isPath: true,
    meaning: {
      en: 'folder of the database, its lock and the command’s socket; made for the owner alone',
      zh: '数据目录：数据库、锁和命令行使用的套接字；仅属主可访问',
    },
  }),
  database: setting({
    name: 'HUFU_DATABASE_URL',
    option: 'database',
    parse: databaseUrl,
    fallback: ({ dataDir }) => `file:${join(dataDir, 'hufu.db')}`,
    isPath: true,
    meaning: {
      en: '`file:…` (SQLite, one process) or `postgres://user:password@host:port/database` (any number of processes), its password percent-encoded',
      zh: '`file:…`（SQLite，单进程）或 `postgres://用户:密码@主机:端口/库`（多进程共享），密码须做百分号编码',
    },
  }),
  databasePool: setting({
    name: 'HUFU_DATABASE_POOL',
    option: 'databasePool',
    parse: parse.wholeNumber(1, 1000),
    fallback: '10',
    unit: { en: 'connections', zh: '个连接' },
    meaning: {
      en: 'PostgreSQL connections of one process; where the server allows fewer, it makes do with those',
      zh: '一个进程的 PostgreSQL 连接数；数据库允许的更少时，就用那么多',
    },
  }),
  masterKey: setting({
    name: 'HUFU_MASTER_KEY',
    option: 'masterKey',
    parse: parse.masterKey,
    fallback: '',
    otherwise: MADE,
    secret: true,
    unit: { en: '32 bytes, base64', zh: '32 字节，base64' },
    meaning: {
      en: 'seals every secret in the database: without it a backup opens nothing. `hufu key make --out <file>`',
      zh: '封存数据库中的全部秘密；没有它，备份无法打开。`hufu key make --out <文件>`',
    },
  }),
  previousMasterKey: optional({
    name: 'HUFU_MASTER_KEY_PREVIOUS',
    option: 'previousMasterKey',
    parse: parse.masterKey,
    secret: true,
    unit: { en: '32 bytes, base64', zh: '32 字节，base64' },
    meaning: {
      en: 'the old key, while the master key changes: what it sealed is read and sealed again',
      zh: '更换主密钥期间的旧密钥：用它读出并重新封存',
    },
  }),
}
