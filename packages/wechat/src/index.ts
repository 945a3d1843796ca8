export type { Call, Query, Reply, Transport, TransportReply } from './call.ts'
export type { App, WeChatSession } from './code-to-session.ts'
export {
  TransportError,
  type TransportErrorFacts,
  WeChatError,
  type WeChatErrorCode,
  type WeChatErrorFacts,
} from './errors.ts'
export { type AppSecret, Secret, type SessionKey } from './secret.ts'
export {
  type AppId,
  appId,
  type LoginCode,
  loginCode,
  type OpenId,
  openId,
  type UnionId,
  unionId,
  type Word,
} from './words.ts'
