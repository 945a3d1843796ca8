import { errcodes } from './errcodes.ts'
import { parseErrmsg, seenAddress } from './errmsg.ts'
import { WeChatError } from './errors.ts'
import type { TransportReply } from './transport.ts'

/** A genuine answer of WeChat has some hundred bytes. */
export const maxReplyLength = 64 * 1024

/** A successful reply of WeChat, whose members are read by name and checked while they are read. */
export interface Reply {
  /** @throws {WeChatError} `unexpected` when the member is missing or `parse` throws. */
  read<T>(name: string, parse: (raw: unknown) => T): T
  /** As `read`, but `undefined` when the member is absent or empty text. */
  readOptional<T>(name: string, parse: (raw: unknown) => T): T | undefined
}

type Members = Record<string, unknown>

/**
 * Reads one answer: a JSON object, whatever its content type says, without an errcode or with errcode 0.
 *
 * WeChat answers refusals with HTTP 200, so the status never makes a success; any other status is nobody's answer.
 *
 * @throws {WeChatError}
 */
export function readReply(path: string, { status, text }: TransportReply): Reply {
  const unexpected = (detail: string, found?: number) => new WeChatError('unexpected', { path, detail, status: found })
  if (status !== 200) throw unexpected(`the answer has HTTP status ${status}`, status)
  if (text.length > maxReplyLength) throw unexpected('the answer is too large')

  const members = readObject(text)
  if (members === undefined) throw unexpected('the answer is not a JSON object')
  if (Object.hasOwn(members, 'errcode')) {
    const errcode = readErrcode(members.errcode)
    if (errcode === undefined) throw unexpected('the errcode is not a number')
    if (errcode !== 0) throw refusal(path, errcode, Object.hasOwn(members, 'errmsg') ? members.errmsg : undefined)
  }

  const read = <T>(name: string, parse: (raw: unknown) => T): T => {
    if (!Object.hasOwn(members, name)) throw unexpected(`${name} is missing`)
    try {
      return parse(members[name])
    } catch {
      throw unexpected(`${name} is malformed`) // what the parser threw might quote the value
    }
  }
  return {
    read,
    readOptional: (name, parse) =>
      Object.hasOwn(members, name) && members[name] !== '' ? read(name, parse) : undefined,
  }
}

function readObject(text: string): Members | undefined {
  let value: unknown
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    return undefined // the message of a SyntaxError quotes the text, which may hold a session_key
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}

/** A number; one page of WeChat's documentation shows it as text. */
function readErrcode(raw: unknown): number | undefined {
  const errcode = typeof raw === 'string' && /^-?\d{1,10}$/.test(raw) ? Number(raw) : raw
  return typeof errcode === 'number' && Number.isSafeInteger(errcode) ? errcode : undefined
}

function refusal(path: string, errcode: number, errmsg: unknown): WeChatError {
  const known = errcodes.get(errcode)
  const code = known?.code ?? 'unexpected'
  const said = typeof errmsg === 'string' ? errmsg : ''
  return new WeChatError(code, {
    path,
    errcode,
    rid: parseErrmsg(said).rid,
    seenAddress: code === 'ip_refused' ? seenAddress(said) : undefined,
    detail: known ? `WeChat answered errcode ${errcode} (${known.text})` : `WeChat answered errcode ${errcode}`,
  })
}
