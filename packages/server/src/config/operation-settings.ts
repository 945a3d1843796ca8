import { LOG_LEVELS } from '../adapters/pino-log.ts'
import * as parse from './parsers.ts'
import { optional, setting } from './setting.ts'

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
