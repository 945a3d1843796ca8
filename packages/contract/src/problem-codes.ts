/** One way to be refused. Texts are for the developer of the caller. */
interface ProblemKind {
  /** The HTTP status it travels with. */
  status: number
  /** A short name; the English one is the `title` of a problem document. */
  title: { en: string; zh: string }
  /** What happened and what to do, in one line. */
  meaning: { en: string; zh: string }
}

/**
 * Every way Hufu can refuse. The set may grow: a client treats a code that it does not know by its status. A code never
 * changes its meaning. After a change: `npm run copies`.
 */
export const PROBLEMS = {
  invalid_request: {
    status: 400,
    title: { en: 'Request not understood', zh: '请求无法理解' },
    meaning: { en: 'a fault of the caller; `detail` names what is wrong', zh: '调用方的错误，`detail` 会指明哪里不对' },
  },
  open_data_invalid: {
    status: 400,
    title: { en: 'Open data not valid', zh: '开放数据无效' },
    meaning: {
      en: 'the encrypted or signed data is not of this user and app; fetch it from WeChat again',
      zh: '加密或签名的开放数据不属于这个用户和应用，请从微信重新获取',
    },
  },
  code_invalid: {
    status: 401,
    title: { en: 'Code not valid', zh: 'code 无效' },
    meaning: {
      en: 'WeChat does not know this code, or it is too old; call `wx.login` again, once',
      zh: '微信不认识这个 code，或它已过期；重新调用一次 `wx.login`',
    },
  },
  code_spent: {
    status: 401,
    title: { en: 'Code used', zh: 'code 已用过' },
    meaning: {
      en: 'this code was used, or may have been; call `wx.login` again, once',
      zh: '这个 code 已经用过，或可能用过；重新调用一次 `wx.login`',
    },
  },
  token_invalid: {
    status: 401,
    title: { en: 'Token not valid', zh: '令牌无效' },
    meaning: { en: 'not a token of a live session; log in again', zh: '不是有效会话的令牌，请重新登录' },
  },
  token_expired: {
    status: 401,
    title: { en: 'Token expired', zh: '令牌已过期' },
    meaning: { en: 'its time is over; refresh, or log in again', zh: '令牌已到期；刷新，或重新登录' },
  },
  refresh_reused: {
    status: 401,
    title: { en: 'Refresh token reused', zh: '刷新令牌被重复使用' },
    meaning: { en: 'this session has ended; log in again', zh: '这个会话已结束，请重新登录' },
  },
  assertion_invalid: {
    status: 401,
    title: { en: 'Assertion not valid', zh: '断言无效' },
    meaning: { en: 'sign a fresh assertion for every login', zh: '每次登录都要重新签一个断言' },
  },
  login_required: {
    status: 401,
    title: { en: 'Fresh login required', zh: '需要重新登录确认' },
    meaning: {
      en: 'this act wants a login of the last few minutes; log in, then try again',
      zh: '此操作要求几分钟内刚登录过；请重新登录后再试',
    },
  },
  ticket_invalid: {
    status: 401,
    title: { en: 'Ticket not valid', zh: '票据无效' },
    meaning: {
      en: 'the ticket is unknown, used or expired; get a new one',
      zh: '票据不存在、已用过或已过期，请重新获取',
    },
  },
  user_blocked: {
    status: 403,
    title: { en: 'User blocked', zh: '用户已被封禁' },
    meaning: { en: 'only an operator can change that; do not try again', zh: '只有管理员可以解封，不要重试' },
  },
  risk_refused: {
    status: 403,
    title: { en: 'Refused by WeChat for risk', zh: '被微信风控拦截' },
    meaning: {
      en: "WeChat's risk control refuses this person; do not try again",
      zh: '微信风控拒绝了这个用户，不要重试',
    },
  },
  snapshot_user: {
    status: 403,
    title: { en: 'Snapshot user', zh: '快照页虚拟用户' },
    meaning: {
      en: "a virtual account of WeChat's snapshot mode; ask the person to use the full service",
      zh: '微信快照页的虚拟账号，请引导用户进入完整服务',
    },
  },
  forbidden: {
    status: 403,
    title: { en: 'Not allowed', zh: '不允许' },
    meaning: { en: 'this caller may not do this; do not try again', zh: '调用方无权这样做，不要重试' },
  },
  app_unknown: {
    status: 404,
    title: { en: 'App unknown', zh: '应用未登记' },
    meaning: {
      en: 'this server does not know the AppID; an operator adds it with `hufu app add`',
      zh: '服务端没有登记这个 AppID，管理员用 `hufu app add` 添加',
    },
  },
  not_found: {
    status: 404,
    title: { en: 'Not found', zh: '不存在' },
    meaning: { en: 'nothing is at this path or under this id', zh: '这个路径或 id 下没有内容' },
  },
  method_not_allowed: {
    status: 405,
    title: { en: 'Method not allowed', zh: '方法不允许' },
    meaning: { en: 'the header `Allow` names the methods of this path', zh: '响应头 `Allow` 列出此路径允许的方法' },
  },
  already_exists: {
    status: 409,
    title: { en: 'Already exists', zh: '已存在' },
    meaning: { en: '`detail` says what stands in the way', zh: '`detail` 说明与什么冲突' },
  },
  identity_conflict: {
    status: 409,
    title: { en: 'Identity conflict', zh: '身份冲突' },
    meaning: { en: '`detail` says what stands in the way', zh: '`detail` 说明与什么冲突' },
  },
  session_key_stale: {
    status: 409,
    title: { en: 'session_key stale', zh: 'session_key 已失效' },
    meaning: {
      en: 'WeChat has made a newer session_key; log in, fetch the data again, then try again',
      zh: '微信已更换 session_key；重新登录并重新获取数据后再试',
    },
  },
  payload_too_large: {
    status: 413,
    title: { en: 'Body too large', zh: '请求体过大' },
    meaning: { en: 'a fault of the caller; `detail` says the limit', zh: '调用方的错误，`detail` 说明上限' },
  },
  unsupported_media_type: {
    status: 415,
    title: { en: 'Media type not supported', zh: '不支持的内容类型' },
    meaning: { en: 'send the body as `application/json`', zh: '请求体请用 `application/json`' },
  },
  rate_limited: {
    status: 429,
    title: { en: 'Too many requests', zh: '请求过多' },
    meaning: { en: 'wait `retryAfter` seconds', zh: '等待 `retryAfter` 秒' },
  },
  headers_too_large: {
    status: 431,
    title: { en: 'Headers too large', zh: '请求头过大' },
    meaning: { en: 'a fault of the caller: send fewer or shorter headers', zh: '调用方的错误：请减少或缩短请求头' },
  },
  internal: {
    status: 500,
    title: { en: 'Internal error', zh: '内部错误' },
    meaning: {
      en: "a fault of ours; `requestId` names it in the server's log",
      zh: '服务端的错误，用 `requestId` 在服务端日志中查找',
    },
  },
  upstream_error: {
    status: 502,
    title: { en: 'WeChat answered oddly', zh: '微信的应答异常' },
    meaning: { en: 'get a new code and try again', zh: '换一个新的 code 再试' },
  },
  server_misconfigured: {
    status: 503,
    title: { en: 'Server not in order', zh: '服务端配置有误' },
    meaning: { en: "a mistake of the operator's; the server's log says which", zh: '管理员的配置有误，详见服务端日志' },
  },
  upstream_busy: {
    status: 503,
    title: { en: 'WeChat busy', zh: '微信繁忙' },
    meaning: { en: 'wait `retryAfter` seconds', zh: '等待 `retryAfter` 秒' },
  },
  upstream_unavailable: {
    status: 503,
    title: { en: 'WeChat unreachable', zh: '无法访问微信' },
    meaning: { en: 'wait `retryAfter` seconds', zh: '等待 `retryAfter` 秒' },
  },
  unavailable: {
    status: 503,
    title: { en: 'Database away', zh: '数据库暂不可用' },
    meaning: {
      en: "Hufu's own database does not answer or cannot write; wait `retryAfter` seconds",
      zh: 'Hufu 自己的数据库没有应答或无法写入；等待 `retryAfter` 秒',
    },
  },
} as const satisfies Record<string, ProblemKind>

/** What a program branches on when it is refused. */
export type ProblemCode = keyof typeof PROBLEMS
