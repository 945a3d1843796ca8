import { errcodes } from './errcodes.ts'

/** A request to WeChat, with its query still as it came. */
export type ApiRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

/** What WeChat answers. */
export type Reply = {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number
  /** The `Content-Type` header; `undefined` for none. */
  readonly contentType: string | undefined
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or bytes where it is no valid text. */
  readonly body: string | Buffer
  /** What the body says, or nothing on success; for the log of calls. */
  readonly errcode: number | undefined
}

/** The request id at the end of an errmsg: the present form, the one before about 2020, or nothing. */
export const suffixes = ['rid', 'hints', 'none'] as const
/** `rid`: the present form; `hints`: the one before about 2020; `none`: nothing. */
export type Suffix = (typeof suffixes)[number]

export type Replies = {
  data(path: string, body: string): Reply
  /** @param text replaces WeChat's own words for the code */
  error(path: string, errcode: number, text?: string): Reply
}

/** @param random a stream of 32-bit numbers for the opaque groups of a request id */
export function createReplies(now: () => number, random: () => number, suffix: Suffix): Replies {
  const hex8 = () => random().toString(16).padStart(8, '0')
  // The first group is the time of the request; the others mean nothing to us.
  const rid = () => `rid: ${hex(now())}-${hex8()}-${hex8()}`
  const written = {
    rid: (sns: boolean) => (sns ? `, ${rid()}` : ` ${rid()}`),
    hints: (sns: boolean) => (sns ? `, hints: [ req_id: ${hex8()}${hex8()} ]` : ` hint: [${hex8()}]`),
    none: () => '',
  }[suffix]
  return {
    data: (path, body) => ({ status: 200, contentType: contentType(path), body, errcode: undefined }),
    error(path, errcode, text = errcodes.get(errcode) ?? 'unknown error') {
      const errmsg = errcode === 0 ? text : text + written(path.startsWith('/sns/'))
      const body = JSON.stringify({ errcode, errmsg })
      return { status: 200, contentType: contentType(path), body, errcode }
    },
  }
}

/** `/sns/*` has always said text/plain; the rest says "encoding" where it means "charset". */
const contentType = (path: string) => (path.startsWith('/sns/') ? 'text/plain' : 'application/json; encoding=utf-8')

const hex = (milliseconds: number) =>
  Math.floor(milliseconds / 1000)
    .toString(16)
    .padStart(8, '0')
