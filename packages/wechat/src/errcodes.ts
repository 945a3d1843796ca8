import type { WeChatErrorCode } from './errors.ts'

/** The same sentence for both readers. */
export interface Bilingual {
  /** English. */
  readonly en: string
  /** Chinese. */
  readonly zh: string
}

/** What one errcode of WeChat says, and what its operator should do about it. */
export interface Errcode {
  /** WeChat's number. */
  readonly errcode: number
  /** The stable part of WeChat's errmsg, for recognition by people. Programs branch on the number. */
  readonly text: string
  /** What a program branches on. */
  readonly code: WeChatErrorCode
  /** What happened. */
  readonly meaning: Bilingual
  /** What the operator of the app should do. */
  readonly advice: Bilingual
}

const freshCode: Bilingual = {
  en: 'Nothing to repair: the client calls wx.login again and logs in with the fresh code.',
  zh: '无需处理：客户端重新调用 wx.login，用新的 code 登录即可。',
}
const codeOfThisApp: Bilingual = {
  en: 'One such failure is normal: the client needs a fresh code. If every login fails, the running mini program has another AppID than the one configured here (DevTools project, plugin host, ext AppID), or the code was sent twice.',
  zh: '偶发属正常：客户端重新获取 code 即可。若每次都失败，说明正在运行的小程序与此处配置的 AppID 不一致（开发者工具项目、插件宿主、第三方 ext AppID），或同一个 code 被提交了两次。',
}
const later: Bilingual = {
  en: 'Try again after a short wait, with growing pauses. Nothing to repair.',
  zh: '稍后重试并逐次加长间隔。无需处理。',
}
const nextMinute: Bilingual = {
  en: 'Wait at least 60 seconds. For logins the limit counts per WeChat user: look for a client that logs in within a loop.',
  zh: '至少等待 60 秒。登录接口按微信用户计数：请检查客户端是否在循环中反复登录。',
}
const tomorrow: Bilingual = {
  en: 'The quota of the day is used up. Look for a caller in a loop; the quota can be cleared a few times a month in the console of the account.',
  zh: '当日调用额度已用完。请检查是否有循环调用；公众平台后台每月可清零数次。',
}
const fixApp: Bilingual = {
  en: 'Compare AppID and AppSecret with the console of this very account (Development > Development settings). A reset AppSecret is valid at once and the old one dies at once.',
  zh: '请与公众平台“开发 > 开发设置”中的 AppID、AppSecret 逐字核对。AppSecret 重置后旧值立即失效。',
}
const fixPermission: Bilingual = {
  en: 'Look in the console of the account whether this interface is granted, suspended or waiting for the administrator.',
  zh: '请在公众平台后台检查该接口权限是否已获得、被暂停或等待管理员确认。',
}
const allowAddress: Bilingual = {
  en: 'Add the address that WeChat saw to the IP allowlist of the account, or send through an address that is on it.',
  zh: '把微信看到的 IP 加入该账号的 API IP 白名单，或改用名单中的出口 IP。',
}
const freshToken: Bilingual = {
  en: 'Get a new access token once and retry once. If it comes back, another program fetches tokens for the same app: use the stable token everywhere.',
  zh: '刷新 access_token 一次并重试一次。若反复出现，说明有其他程序在为同一应用获取 token：请统一改用稳定版接口。',
}
const logInAgain: Bilingual = {
  en: 'The person logs in once more; that brings a fresh key.',
  zh: '让用户重新登录一次以取得新的密钥。',
}
const authoriseAgain: Bilingual = {
  en: 'The person authorises once more on the page of WeChat.',
  zh: '让用户在微信页面重新授权。',
}
const report: Bilingual = {
  en: 'A fault of the calling program, not of the operator: report it with the errcode and the rid.',
  zh: '属于调用程序的缺陷而非配置问题：请附上 errcode 与 rid 反馈。',
}
const theirFault: Bilingual = {
  en: 'The call was understood and refused for the reason given; repeating it will not help.',
  zh: '请求已被理解并因上述原因拒绝；重复调用没有帮助。',
}
const refuseLogin: Bilingual = {
  en: 'Tell the person that WeChat refuses the login. Do not retry.',
  zh: '告知用户微信拒绝了此次登录，不要重试。',
}

// biome-ignore format: a table reads by row
/** Errcode, our code, WeChat's text, what it means in English and Chinese, what to do. */
const rows: readonly (readonly [number, WeChatErrorCode, string, string, string, Bilingual])[] = [
  [-1, 'busy', 'system error', 'WeChat is busy', '微信系统繁忙', later],

  [40029, 'code_invalid', 'invalid code', 'the code is unknown, too old or of another app', 'code 无效、过期或不属于该应用', codeOfThisApp],
  [42003, 'code_invalid', 'code expired', 'the code is older than five minutes', 'code 已超过五分钟', freshCode],
  [40163, 'code_used', 'code been used', 'the code was redeemed before', 'code 已被使用', freshCode],
  [40226, 'risk_refused', 'code blocked', 'WeChat rates the person as high-risk', '高风险用户，登录被微信拦截', refuseLogin],
  [45011, 'rate_limited', 'api minute-quota reach limit, must slower, retry next minute', 'too many calls in one minute', '每分钟调用次数超限', nextMinute],
  [45009, 'quota_exhausted', 'reach max api daily quota limit', 'too many calls today', '当日调用次数超限', tomorrow],
  [48006, 'quota_exhausted', 'forbid to clear quota because of reaching the limit', 'the quota was cleared too often this month', '本月清零次数已用完', tomorrow],

  [40013, 'app_misconfigured', 'invalid appid', 'WeChat does not know the AppID', 'AppID 不存在或有误', fixApp],
  [40125, 'app_misconfigured', 'invalid appsecret', 'the AppSecret is wrong or was reset', 'AppSecret 错误或已被重置', fixApp],
  [40243, 'app_misconfigured', 'appsecret frozen', 'the AppSecret is frozen', 'AppSecret 已被冻结，请先解冻', fixApp],
  [41002, 'app_misconfigured', 'appid missing', 'the AppID did not arrive', '缺少 appid 参数', fixApp],
  [41004, 'app_misconfigured', 'appsecret missing', 'the AppSecret did not arrive', '缺少 secret 参数', fixApp],
  [40094, 'app_misconfigured', 'invalid component credential', 'the platform and its token do not belong together', '第三方平台与凭证不匹配', fixApp],
  [48001, 'app_misconfigured', 'api unauthorized', 'the account or the token has no right to this interface', '账号或 token 无此接口权限', fixPermission],
  [48004, 'app_misconfigured', 'api forbidden for irregularities, view detail on mp.weixin.qq.com', 'the interface is banned for this account', '接口因违规被封禁', fixPermission],
  [50001, 'app_misconfigured', 'api unauthorized or user unauthorized', 'the interface is not granted', '接口未授权', fixPermission],
  [50002, 'app_misconfigured', 'user limited', 'the account is frozen or cancelled', '账号已被冻结或注销', fixPermission],
  [50004, 'app_misconfigured', 'user not allow to use accesstoken, maybe for punishment', 'the account may not use tokens', '账号被禁止使用 access_token', fixPermission],
  [61003, 'app_misconfigured', 'component is not authorized by this account', 'the account never authorised this platform, or withdrew', '该账号未授权给此第三方平台', fixPermission],
  [61007, 'app_misconfigured', 'api is unauthorized to component', 'the account did not grant this interface to the platform', '该接口未授权给第三方平台', fixPermission],

  [40164, 'ip_refused', 'invalid ip, not in whitelist', 'this address is not on the IP allowlist', '调用 IP 不在白名单中', allowAddress],
  [40090, 'ip_refused', 'invalid request source (bad client ip)', 'the platform may not call from this address', '第三方平台不允许该 IP 调用', allowAddress],
  [61004, 'ip_refused', 'access clientip is not registered', 'this address is not registered', '调用 IP 未登记', allowAddress],
  [89501, 'ip_refused', 'this ip is waiting for confirmation', 'the administrator must confirm this address', '该 IP 调用请求等待管理员确认', allowAddress],
  [89503, 'ip_refused', 'this ip needs confirmation', 'the administrator must confirm this address', '该 IP 调用需管理员确认', allowAddress],
  [89506, 'ip_refused', 'this ip was refused for 24 hours', 'the administrator refused this address twice', '该 IP 24 小时内被管理员拒绝', allowAddress],
  [89507, 'ip_refused', 'this ip was refused for 1 hour', 'the administrator refused this address', '该 IP 1 小时内被管理员拒绝', allowAddress],

  [40001, 'token_invalid', 'invalid credential, access_token is invalid or not latest', 'the access token was superseded or is not one', 'access_token 已被替换或无效', freshToken],
  [40014, 'token_invalid', 'invalid access_token', 'the access token is malformed', 'access_token 格式错误', freshToken],
  [41001, 'token_invalid', 'access_token missing', 'the access token did not arrive', '缺少 access_token', freshToken],
  [42001, 'token_invalid', 'access_token expired', 'the access token is too old', 'access_token 已过期', freshToken],

  [40002, 'unexpected', 'invalid grant_type', 'the parameter grant_type is wrong', 'grant_type 参数错误', report],
  [40003, 'unexpected', 'invalid openid', 'the openid is not of this app', 'openid 不属于该应用', report],
  [40030, 'unexpected', 'invalid refresh_token', 'the OAuth refresh token is not valid', '网页授权 refresh_token 无效', authoriseAgain],
  [40032, 'unexpected', 'invalid openid list size', 'too many openids in one call', '一次传入的 openid 过多', report],
  [40066, 'unexpected', 'invalid url', 'WeChat has no such interface', '接口地址错误', report],
  [40097, 'unexpected', 'invalid args', 'an argument is wrong', '参数错误', report],
  [40132, 'unexpected', 'invalid username', 'the account name is wrong', '账号名错误', report],
  [41003, 'unexpected', 'refresh_token missing', 'the OAuth refresh token did not arrive', '缺少 refresh_token', report],
  [41008, 'unexpected', 'missing code', 'the code did not arrive', '缺少 code 参数', report],
  [41009, 'unexpected', 'missing openid', 'the openid did not arrive', '缺少 openid 参数', report],
  [41018, 'unexpected', 'missing component_appid', 'the AppID of the platform did not arrive', '缺少 component_appid 参数', report],
  [42002, 'unexpected', 'refresh_token expired', 'the OAuth refresh token is older than 30 days', '网页授权 refresh_token 已过期', authoriseAgain],
  [42007, 'unexpected', 'access_token and refresh_token exception', 'the person changed the WeChat password', '用户修改了微信密码，授权失效', authoriseAgain],
  [43001, 'unexpected', 'require GET method', 'the interface wants GET', '需要 GET 请求', report],
  [43002, 'unexpected', 'require POST method', 'the interface wants POST', '需要 POST 请求', report],
  [43003, 'unexpected', 'require https', 'the interface wants HTTPS', '需要 HTTPS 请求', report],
  [43004, 'unexpected', 'require subscribe', 'the person does not follow the account', '需要用户关注公众号', theirFault],
  [44002, 'unexpected', 'empty post data', 'the body did not arrive', 'POST 数据为空', report],
  [46004, 'unexpected', 'user no exist', 'there is no such person', '用户不存在', theirFault],
  [47001, 'unexpected', 'data format error', 'the body is not JSON', 'POST 数据不是合法 JSON', report],
  [61024, 'unexpected', 'must use api(api_component_token) to get token for component acct', 'a platform gets its token elsewhere', '第三方平台应使用专用接口获取 token', report],
  [63178, 'unexpected', 'openid migration not confirmed', 'the migration of the account is not confirmed', '账号迁移未确认', theirFault],
  [87007, 'unexpected', 'session_key is not existd or expired', 'the session_key is gone', 'session_key 不存在或已过期', logInAgain],
  [87008, 'unexpected', 'invalid sig_method', 'the parameter sig_method is wrong', 'sig_method 参数错误', report],
  [87009, 'unexpected', 'invalid signature', 'the session_key is not the current one', 'session_key 不是最新值，签名无效', logInAgain],
  [89002, 'unexpected', 'open not exists', 'the app is not bound to an Open Platform account', '应用未绑定微信开放平台账号', theirFault],
  [89300, 'unexpected', 'invalid trade', 'the order is unknown, of another app, or older than five minutes', '订单无效、不属于该应用或超过五分钟', theirFault],
]

/** Every errcode that concerns identity, by number. An errcode that is not here is `unexpected`. */
export const errcodes: ReadonlyMap<number, Errcode> = new Map(
  rows.map(([errcode, code, text, en, zh, advice]) => [errcode, { errcode, code, text, meaning: { en, zh }, advice }]),
)
