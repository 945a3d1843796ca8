export { type Call, createCall } from './call.ts'
export { type App, codeToSession, type WeChatSession } from './code-to-session.ts'
export { type Bilingual, type Errcode, errcodes } from './errcodes.ts'
export { type Errmsg, parseErrmsg } from './errmsg.ts'
export {
  TransportError,
  type TransportErrorFacts,
  WeChatError,
  type WeChatErrorCode,
  type WeChatErrorFacts,
} from './errors.ts'
export { type FetchTransportOptions, fetchTransport, readOrigin } from './fetch-transport.ts'
export { type OAuthIdentity, oauthIdentity } from './oauth.ts'
export { maxReplyLength, type Reply } from './reply.ts'
export { type AppSecret, Secret, type SessionKey } from './secret.ts'
export type { Query, Transport, TransportReply } from './transport.ts'
export {
  decryptOpenData,
  type OpenData,
  OpenDataError,
  type OpenDataRules,
  sessionKeySignature,
  verifySignature,
} from './user-data.ts'
export {
  type AppId,
  appId,
  type LoginCode,
  loginCode,
  type OpenId,
  openid,
  type UnionId,
  unionid,
  type Word,
} from './words.ts'
