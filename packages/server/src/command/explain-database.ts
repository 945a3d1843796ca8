import type { ExitCode, Explanation } from './explanation.ts'

type Words = readonly [en: string, zh: string, exit: ExitCode]

const FULL: Words = [
  'The disk is full. Make room, then start again: nothing was lost.',
  '磁盘已满：请腾出空间后再启动，数据没有丢失。',
  1,
]
const NOT_OPENED: Words = [
  'The user who runs Hufu cannot write the database. Give it and its folder to that user (chown), or name another HUFU_DATA_DIR.',
  '运行 Hufu 的用户无法写入数据库：请把文件和目录的所有者改为该用户（chown），或更换 HUFU_DATA_DIR。',
  2,
]
const DAMAGED: Words = [
  'The file is damaged, or is no database. Put a backup in its place: hufu restore <backup file>. The damaged file is kept aside.',
  '文件已损坏，或不是数据库：请从备份恢复（hufu restore <备份文件>），损坏的文件会保留在旁边。',
  1,
]

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html). */
const SQLITE: Readonly<Record<number, Words>> = {
  3: NOT_OPENED,
  5: [
    'Another program writes to the database. Stop it: one process owns the file.',
    '另一个程序正在写数据库：请停止它，一个文件只能由一个进程使用。',
    1,
  ],
  8: NOT_OPENED,
  10: [
    'The disk does not answer as it should, or is full. Look at the system’s log and make room.',
    '磁盘读写出错或已满：请查看系统日志并腾出空间。',
    1,
  ],
  11: DAMAGED,
  13: FULL,
  14: NOT_OPENED,
  23: NOT_OPENED,
  26: DAMAGED,
}

/** SQLSTATEs, or their classes (PostgreSQL manual, appendix A); the first that fits. */
const POSTGRES: readonly (readonly [RegExp, Words])[] = [
  [
    /^28P01/,
    [
      'The password is wrong. Correct it in HUFU_DATABASE_URL, percent-encoded.',
      '密码错误：请改正 HUFU_DATABASE_URL 中的密码（需百分号编码）。',
      2,
    ],
  ],
  [
    /^28/,
    [
      'The server does not let this user in this way: see its pg_hba.conf. Where it wants TLS, add ?sslmode=require to HUFU_DATABASE_URL.',
      '服务器不允许这样登录，请检查 pg_hba.conf；若要求 TLS，请在 HUFU_DATABASE_URL 末尾加 ?sslmode=require。',
      2,
    ],
  ],
  [
    /^3D000/,
    [
      "There is no such database. Make it (CREATE DATABASE … ENCODING 'UTF8'), or correct the name.",
      "没有这个数据库：请先创建（CREATE DATABASE … ENCODING 'UTF8'），或改正名字。",
      2,
    ],
  ],
  [
    /^3F000/,
    [
      'There is no schema to put tables into. Make it (CREATE SCHEMA hufu), and name it: ?options=-csearch_path%3Dhufu.',
      '没有可用的 schema：请创建（CREATE SCHEMA hufu），并在地址中指定 ?options=-csearch_path%3Dhufu。',
      2,
    ],
  ],
  [
    /^42501/,
    [
      'The role may not make tables there; since PostgreSQL 15 nobody may in schema public. As its owner: GRANT CREATE ON SCHEMA public TO <role>, or ALTER DATABASE <name> OWNER TO <role>.',
      '该角色没有建表权限（PostgreSQL 15 起默认不允许在 public 中建表）：请执行 GRANT CREATE ON SCHEMA public TO <角色>，或更改数据库所有者。',
      2,
    ],
  ],
  [
    /^(26000|42P05)/,
    [
      'A pooler changes the connection between statements. Hufu goes on with unnamed statements; if it does not, point it at the server itself, or at a pooler in session mode.',
      '中间的连接池在语句之间更换了连接：Hufu 会改用无名语句；若仍失败，请直连数据库或使用会话模式的连接池。',
      4,
    ],
  ],
  [
    /^25006/,
    ['The server only reads: it is a standby, or was set so. Name the primary.', '服务器只读（备库）：请指向主库。', 4],
  ],
  [
    /^53300/,
    [
      'The server has no connection left. Lower HUFU_DATABASE_POOL, or raise max_connections.',
      '连接数已满：请降低 HUFU_DATABASE_POOL，或提高 max_connections。',
      4,
    ],
  ],
  [/^53100/, ['The disk of the server is full. Make room there.', '数据库服务器磁盘已满：请腾出空间。', 4]],
  [
    /^(08|57P|53)/,
    [
      'The server cannot be used at this moment. Look at its log, and try again.',
      '数据库暂时不可用：请查看其日志并重试。',
      4,
    ],
  ],
]

/** What SQLite or PostgreSQL said; undefined for any other error. */
export function explainDatabase(error: Error): Explanation | undefined {
  const words = wordsOf(error)
  if (!words) return undefined
  const [en, zh, exit] = words
  return { what: `The database cannot be used: ${error.message} · 数据库无法使用`, en, zh, exit }
}

function wordsOf(error: Error): Words | undefined {
  if ('errcode' in error && typeof error.errcode === 'number') return SQLITE[error.errcode & 0xff]
  const { code } = error as Error & { code?: unknown }
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    const found = POSTGRES.find(([pattern]) => pattern.test(code))
    if (found) return found[1]
  }
  // node-postgres says these by itself, without a code.
  if (/server does not support SSL/.test(error.message)) {
    return [
      'The server offers no TLS. Take sslmode out of HUFU_DATABASE_URL, or switch TLS on there.',
      '服务器未启用 TLS：请去掉 HUFU_DATABASE_URL 中的 sslmode，或在服务器上启用。',
      2,
    ]
  }
  if (/timeout expired|Connection terminated/.test(error.message)) {
    return [
      'There was no answer in time, or the connection broke. Look at network and firewall, or correct host and port.',
      '连接超时或中断：请检查网络与防火墙，或改正主机与端口。',
      4,
    ]
  }
  return undefined
}
