import type { Call } from '@hufu/wechat'
import type { LoginCode } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import type { WeChatPerson } from '../../ports/wechat.ts'

/**
 * Redeems a code of an app of one kind: which of WeChat's calls takes it, and what of a person comes back.
 *
 * @throws {WeChatError}
 */
export type Exchange = (app: CodeApp, code: LoginCode, call: Call) => Promise<WeChatPerson>
