declare const word: unique symbol

/** Text with a name, so that the compiler keeps one kind of id apart from another. */
export type Word<Name extends string> = string & { readonly [word]: Name }

/** One app at WeChat: `wx` and 16 hex digits today, opaque to us. */
export type AppId = Word<'AppId'>
/** One person as one app sees them. Case-sensitive; 28 characters today, opaque to us. */
export type OpenId = Word<'OpenId'>
/** One person across the apps of one Open Platform account. WeChat's own documentation shows other lengths than 28. */
export type UnionId = Word<'UnionId'>
/** What `wx.login` or an OAuth redirect hands to the client: works once, within five minutes. */
export type LoginCode = Word<'LoginCode'>

/** @throws {TypeError} without the value, so that it can be logged. So do all constructors of words. */
export function appId(raw: unknown): AppId {
  if (!isText(raw, /^[\w-]{1,64}$/)) throw new TypeError('not an AppID')
  return raw as AppId
}

/** @throws {TypeError} unless it is 1 to 64 letters, digits, `_` or `-`. */
export function openid(raw: unknown): OpenId {
  if (!isText(raw, /^[\w-]{1,64}$/)) throw new TypeError('not an openid')
  return raw as OpenId
}

/** @throws {TypeError} unless it is 1 to 128 letters, digits, `_` or `-`. */
export function unionid(raw: unknown): UnionId {
  if (!isText(raw, /^[\w-]{1,128}$/)) throw new TypeError('not a unionid')
  return raw as UnionId
}

/** Refuses whatever could be more than a code (`&appid=…`, line breaks, the mock code of WeChat DevTools). */
export function loginCode(raw: unknown): LoginCode {
  if (!isText(raw, /^[\w-]{1,128}$/)) throw new TypeError('not a login code')
  return raw as LoginCode
}

const isText = (raw: unknown, pattern: RegExp): raw is string => typeof raw === 'string' && pattern.test(raw)
