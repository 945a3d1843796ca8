import { LOG_LEVELS } from '../adapters/pino-log.ts'
import * as parse from './parsers.ts'
import { optional, setting, type Words } from './setting.ts'

const DAYS: Words = { en: 'days', zh: '天' }

/** How the process works day by day, and whom it asks. */
export const OPERATION_SETTINGS = {
  logLevel: setting({
    name: 'HUFU_LOG_LEVEL',
    option: 'logLevel',
    parse: parse.oneOf(LOG_LEVELS),
    fallback: 'info',
    meaning: {
      en: '`debug`, `info`, `warn`, `error` or `silent`; JSON lines on standard error (`hufu dev`: `warn`)',
      zh: '`debug`、`info`、`warn`、`error` 或 `silent`；JSON 行输出到标准错误（`hufu dev` 默认 `warn`）',
    },
  }),
  loginAuditDays: setting({
    name: 'HUFU_LOGIN_AUDIT_DAYS',
    option: 'loginAuditDays',
    parse: parse.wholeNumber(1, 3650),
    fallback: '30',
    unit: DAYS,
    meaning: {
      en: 'how long audit events of logins are kept. In China operators must keep network logs for six months: there, 180 or more, unless the proxy’s logs are kept',
      zh: '登录审计事件保留多久。中国要求网络日志留存不少于六个月：如反向代理未留存日志，请设为 180 或以上',
    },
  }),
  auditDays: setting({
    name: 'HUFU_AUDIT_DAYS',
    option: 'auditDays',
    parse: parse.wholeNumber(1, 3650),
    fallback: '180',
    unit: DAYS,
    meaning: {
      en: 'how long every other audit event is kept',
      zh: '其他审计事件保留多久',
    },
  }),
  wechatBaseUrl: optional({
    name: 'HUFU_WECHAT_BASE_URL',
    option: 'wechatBaseUrl',
    parse: parse.wechatBaseUrl,
    otherwise: { en: '`https://api.weixin.qq.com`', zh: '`https://api.weixin.qq.com`' },
    meaning: {
      en: 'another WeChat, such as the simulator; development only, since whoever answers there decides who everybody is',
      zh: '另一个“微信”，如模拟器；仅限开发模式，因为它决定每个人是谁',
    },
  }),
}
