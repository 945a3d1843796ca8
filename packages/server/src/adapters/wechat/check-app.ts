import { type Call, errcodes, WeChatError } from '@hufu/wechat'
import type { LoginCode } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import type { AppCheck } from '../../domain/app-check.ts'
import { EXCHANGES } from './exchanges.ts'

/** No code of WeChat's looks like this. */
const NO_CODE = 'hufu-checks-the-app-with-no-code' as LoginCode
/** That AppID and AppSecret do not belong together, or that the secret is out of use. 40001 is the older word for it. */
const REFUSALS: ReadonlySet<number> = new Set([40001, 40013, 40125, 40243, 41002, 41004])

/**
 * Asks WeChat once whether an AppID and its AppSecret fit. Mini programs and official accounts ask for the stable access
 * token: not forced, that ends nobody's token (getStableAccessToken), and it is dropped here. Apps of the Open Platform have
 * none; they offer a code that cannot exist.
 */
export async function checkApp(app: Pick<CodeApp, 'id' | 'kind' | 'secret'>, call: Call): Promise<AppCheck> {
  try {
    await (app.kind === 'miniprogram' || app.kind === 'official-account'
      ? askForToken(app, call)
      : EXCHANGES[app.kind](app as CodeApp, NO_CODE, call))
    return { verdict: 'accepted' }
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error
    return error.code === 'code_invalid' || error.code === 'code_used' ? { verdict: 'accepted' } : verdictOn(error)
  }
}

async function askForToken({ id, secret }: Pick<CodeApp, 'id' | 'secret'>, call: Call): Promise<void> {
  const asked = { grant_type: 'client_credential', appid: id, secret: secret.reveal(), force_refresh: false }
  const reply = await call('/cgi-bin/stable_token', {}, JSON.stringify(asked))
  reply.read('access_token', (raw) => {
    if (typeof raw !== 'string' || raw === '') throw new TypeError('not a token')
  })
}

function verdictOn({ errcode, seenAddress, message }: WeChatError): AppCheck {
  const known = errcode === undefined ? undefined : errcodes.get(errcode)
  const cause = errcode === 40001 ? errcodes.get(40125) : known
  return {
    verdict: errcode !== undefined && REFUSALS.has(errcode) ? 'refused' : 'unknown',
    ...(errcode === undefined ? {} : { errcode }),
    ...(seenAddress === undefined ? {} : { seenAddress }),
    cause: cause?.meaning ?? { en: message, zh: message },
    cure: cause?.advice ?? (errcode === undefined ? LOOK_AT_THE_WAY : LOOK_IT_UP),
  }
}

const LOOK_AT_THE_WAY = {
  en: 'Look whether this machine reaches WeChat, perhaps through HUFU_WECHAT_PROXY, and ask again.',
  zh: '请检查本机能否访问微信（必要时设置 HUFU_WECHAT_PROXY），然后重试。',
}
const LOOK_IT_UP = {
  en: 'Look the number up in the list of return codes in WeChat’s documentation.',
  zh: '请在微信官方文档的全局返回码说明中查询该错误码。',
}
