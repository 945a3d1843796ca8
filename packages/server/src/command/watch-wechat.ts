import type { Transport } from '@hufu/wechat'
import type { LoginEvent } from '../usecases/login-result.ts'

type ClosableTransport = Transport & { close(): Promise<void> }

/** What happened in the latest login, for showing it. */
export interface Watched {
  transport: ClosableTransport
  onLogin(login: LoginEvent): void
  /** WeChat's answer, its session_key hidden. */
  answer(): string
  decision(): string
}

export function watchWeChat(transport: ClosableTransport): Watched {
  let answer = ''
  let decision = ''
  return {
    transport: Object.assign(
      async (...asked: Parameters<Transport>) => {
        const reply = await transport(...asked)
        answer = reply.text.replace(/("session_key":")[^"]*/, '$1[SessionKey]')
        return reply
      },
      { close: () => transport.close() },
    ),
    onLogin(login) {
      decision = login.decision
    },
    answer: () => answer,
    decision: () => decision,
  }
}
