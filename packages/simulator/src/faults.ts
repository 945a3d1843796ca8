import { createHash } from 'node:crypto'
import { deliver, type FaultSettings, type Send } from './deliver.ts'
import type { Replies, Reply } from './reply.ts'

type FaultRow = {
  readonly about: string
  /** Whether WeChat does its work first, so that a good code is spent. */
  readonly redeems: boolean
  readonly takes?: readonly (keyof FaultSettings)[]
  /** Changes what is said. */
  readonly edit?: (reply: Reply, settings: FaultSettings, context: { path: string; replies: Replies }) => Reply
  /** Changes how it is said. */
  readonly send?: Send
}

/** Everything that can go wrong between a server and WeChat, by name. */
export const faults = {
  // The connection
  refuse: { about: 'the port is shut for `ms` (1000): no connection at all', redeems: false, takes: ['ms'] },
  'reset-before-headers': { about: 'TCP reset instead of an answer', redeems: false, send: deliver.reset },
  'reset-after-headers': { about: 'TCP reset after the headers', redeems: true, send: deliver.resetAfterHeaders },
  'reset-mid-body': { about: 'TCP reset after half of the body', redeems: true, send: deliver.resetMidBody },
  'close-before-headers': { about: 'connection closed instead of an answer', redeems: false, send: deliver.close },
  'half-closed': {
    about: 'half of the body, then the simulator ends its side of the connection',
    redeems: true,
    send: deliver.halfClose,
  },
  hang: { about: 'the request is taken and never answered', redeems: false, send: deliver.never },
  'drop-after-redeem': {
    about: 'the code is spent, then TCP reset instead of the answer',
    redeems: true,
    send: deliver.reset,
  },
  'hang-after-redeem': { about: 'the code is spent, then silence', redeems: true, send: deliver.never },
  slow: {
    about: 'headers at once, then one byte of the body every `ms` (1000)',
    redeems: true,
    takes: ['ms'],
    send: deliver.trickle,
  },
  delay: {
    about: 'the code is spent at once, the answer comes after `ms` (1000)',
    redeems: true,
    takes: ['ms'],
    send: deliver.later,
  },
  'answer-twice': {
    about: 'the answer, and the same again unasked on the same connection',
    redeems: true,
    send: deliver.twice,
  },
  // Something in between that is not WeChat
  redirect: {
    about: '301 to `location` (https://elsewhere.invalid/)',
    redeems: false,
    takes: ['location'],
    edit: (reply, { location = 'https://elsewhere.invalid/' }) => ({
      ...html(reply, 301),
      headers: { Location: location },
    }),
  },
  'http-error': {
    about: '`status` (502) with a page of HTML',
    redeems: false,
    takes: ['status'],
    edit: (reply, { status = 502 }) => html(reply, status),
  },
  html: { about: '200 with a page of HTML', redeems: false, edit: (reply) => html(reply, 200) },
  // The bytes of the body
  empty: { about: '200 with an empty body', redeems: true, edit: bodyOf(() => '') },
  null: { about: '`null`', redeems: true, edit: bodyOf(() => 'null') },
  array: { about: 'the answer inside an array', redeems: true, edit: bodyOf((body) => `[${body}]`) },
  truncated: {
    about: 'the first half of the JSON',
    redeems: true,
    edit: bodyOf((body) => body.slice(0, body.length / 2)),
  },
  'trailing-bytes': { about: 'the JSON, then more bytes', redeems: true, edit: bodyOf((body) => `${body}\n0;}`) },
  'control-characters': {
    about: 'raw control characters inside a text',
    redeems: true,
    edit: bodyOf((body) => body.replace('":"', '":"\u0000\u0001\u001b')),
  },
  'lone-surrogate': {
    about: 'an openid that ends in half a character',
    redeems: true,
    edit: field('openid', (id) => `${id}\ud800`),
  },
  'invalid-utf8': {
    about: 'bytes that are not UTF-8 inside the openid',
    redeems: true,
    edit: (reply) => ({ ...reply, body: splice(reply.body, '"openid":"', Buffer.from([0xff, 0xc0, 0x80])) }),
  },
  bom: { about: 'a byte order mark before the JSON', redeems: true, edit: bodyOf((body) => `\ufeff${body}`) },
  'gzip-lie': {
    about: '`Content-Encoding: gzip` over plain text',
    redeems: true,
    edit: (reply) => ({ ...reply, headers: { 'Content-Encoding': 'gzip' } }),
  },
  huge: {
    about: 'valid JSON of 10 MiB with the answer inside',
    redeems: true,
    edit: bodyOf((body) => body.replace('{', `{"padding":"${'x'.repeat(10 * 1024 * 1024)}",`)),
  },
  body: {
    about: 'exactly `body`',
    redeems: true,
    takes: ['body', 'contentType'],
    edit: (reply, { body = '', contentType = reply.contentType }) => ({ ...reply, body, contentType }),
  },
  'content-type': {
    about: 'the answer as `contentType` (text/html; charset=gbk)',
    redeems: true,
    takes: ['contentType'],
    edit: (reply, { contentType = 'text/html; charset=gbk' }) => ({ ...reply, contentType }),
  },
  'content-type-none': {
    about: 'the answer without a content type',
    redeems: true,
    edit: (reply) => ({ ...reply, contentType: undefined }),
  },
  // What WeChat says
  errcode: {
    about: '`errcode` (-1) with WeChat’s words for it, or `errmsg`',
    redeems: false,
    takes: ['errcode', 'errmsg'],
    edit: (_reply, { errcode = -1, errmsg }, { path, replies }) => replies.error(path, errcode, errmsg),
  },
  'errcode-string': {
    about: '`errcode` (40029) as a text instead of a number',
    redeems: false,
    takes: ['errcode'],
    edit: (_reply, { errcode = 40029 }, { path, replies }) =>
      bodyOf((body) => body.replace(String(errcode), `"${errcode}"`))(replies.error(path, errcode)),
  },
  'errcode-zero': { about: '`errcode` 0 beside the data', redeems: true, edit: add({ errcode: 0, errmsg: 'ok' }) },
  'errcode-beside-data': {
    about: '`errcode` -1 beside good data',
    redeems: true,
    edit: add({ errcode: -1, errmsg: 'system error' }),
  },
  'extra-fields': {
    about: 'fields that nobody has documented',
    redeems: true,
    edit: add({ expires_in: 7200, scene: [{ deep: { deeper: null } }], constructor: { name: 'x' } }),
  },
  'openid-missing': { about: 'no openid', redeems: true, edit: field('openid', () => undefined) },
  'openid-empty': { about: 'an empty openid', redeems: true, edit: field('openid', () => '') },
  'openid-null': { about: 'an openid of `null`', redeems: true, edit: field('openid', () => null) },
  'openid-number': { about: 'a number for an openid', redeems: true, edit: field('openid', () => 12345678901234) },
  'openid-long': { about: 'an openid of 1 KiB', redeems: true, edit: field('openid', (id) => id.padEnd(1024, 'x')) },
  'session-key-missing': { about: 'no session_key', redeems: true, edit: field('session_key', () => undefined) },
  'session-key-empty': { about: 'an empty session_key', redeems: true, edit: field('session_key', () => '') },
  'session-key-number': { about: 'a number for a session_key', redeems: true, edit: field('session_key', () => 7) },
  'unionid-missing': {
    about: 'no unionid, though the app is bound',
    redeems: true,
    edit: field('unionid', () => undefined),
  },
  'unionid-present': { about: 'a unionid, though the app is not bound', redeems: true, edit: addUnionid },
  'unionid-changed': {
    about: 'another unionid than ever before',
    redeems: true,
    edit: field('unionid', (_id, data) => otherUnionid(data)),
  },
  'unionid-number': { about: 'a number for a unionid', redeems: true, edit: field('unionid', () => 7) },
  'suffix-hints': {
    about: 'an errmsg that ends as before 2020',
    redeems: true,
    edit: suffixed(', hints: [ req_id: qEjdmsNre-EYNDhA ]'),
  },
  'suffix-none': { about: 'an errmsg without a request id', redeems: true, edit: suffixed('') },
} as const satisfies Record<string, FaultRow>

/** A name of `faults`. */
export type FaultName = keyof typeof faults
/** Every name, in the order of `faults`. */
export const faultNames = Object.keys(faults).filter((name): name is FaultName => Object.hasOwn(faults, name))
export const faultRow = (name: FaultName): FaultRow => faults[name]

function html(reply: Reply, status: number): Reply {
  const body = `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center></body>\r\n</html>\r\n`
  return { ...reply, status, contentType: 'text/html', body, errcode: undefined }
}

function bodyOf(change: (body: string) => string): (reply: Reply) => Reply {
  return (reply) => ({ ...reply, body: change(reply.body.toString()) })
}

type Data = Record<string, unknown>

/** Changes the data of a success; an error keeps its two fields. */
function dataOf(change: (data: Data) => Data): (reply: Reply) => Reply {
  return (reply) => {
    if (reply.errcode !== undefined || reply.body.length === 0) return reply
    return bodyOf((body) => JSON.stringify(change(JSON.parse(body))))(reply)
  }
}

/** `undefined` takes the field out. A field that is not there stays away. */
function field(name: string, change: (value: string, data: Data) => unknown): (reply: Reply) => Reply {
  return dataOf((data) => (name in data ? { ...data, [name]: change(String(data[name]), data) } : data))
}

function add(fields: Data): (reply: Reply) => Reply {
  return dataOf((data) => ({ ...data, ...fields }))
}

function addUnionid(reply: Reply): Reply {
  return dataOf((data) => ({ unionid: otherUnionid(data), ...data }))(reply)
}

/** Shaped like a unionid, the same each time for the same person, and of no Open Platform account that exists. */
const otherUnionid = (data: Data) =>
  `o${createHash('sha256').update(`elsewhere ${data.openid}`).digest('base64url').slice(0, 27)}`

function suffixed(suffix: string): (reply: Reply) => Reply {
  return bodyOf((body) => body.replace(/,? rid: [0-9a-f-]+(?="})/, suffix))
}

function splice(body: string | Buffer, after: string, bytes: Buffer): Buffer {
  const whole = Buffer.from(body)
  const at = whole.indexOf(after)
  if (at < 0) return Buffer.concat([whole, bytes])
  return Buffer.concat([whole.subarray(0, at + after.length), bytes, whole.subarray(at + after.length)])
}
