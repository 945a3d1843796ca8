import { gzipSync } from 'node:zlib'
import type { WeChatErrorCode } from '@hufu/wechat'
import { canary } from './canaries.ts'
import { type AnswerOptions, answer } from './raw-server.ts'

const openid = 'oGZUI0egBJY1zhBYw2KhdUfwVJJE'
const unionid = 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA'
const whole = { session_key: canary.sessionKey, openid, unionid }

export const goodBody: string = JSON.stringify(whole)
const without = (...names: (keyof typeof whole)[]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(whole).filter(([name]) => !names.some((other) => other === name))))
const withMember = (name: string, value: unknown): string => JSON.stringify({ ...whole, [name]: value })
const withErrcode = (json: string): string => `{"errcode":${json},${goodBody.slice(1)}`

export interface Answer {
  readonly name: string
  readonly bytes: Buffer
}

export interface BadAnswer extends Answer {
  readonly code: WeChatErrorCode
}

const bad = (name: string, body: string | Buffer, options?: AnswerOptions): BadAnswer => ({
  name,
  bytes: answer(body, options),
  code: 'unexpected',
})

/** T10: whole HTTP answers that look more or less like a success and are none. */
export const badAnswers: readonly BadAnswer[] = [
  bad('nothing', ''),
  bad('white space', ' \r\n'),
  bad('null', 'null'),
  bad('true', 'true'),
  bad('a number', '0'),
  bad('text', '"ok"'),
  bad('an empty array', '[]'),
  bad('a success in an array', `[${goodBody}]`),
  bad('an empty object', '{}'),
  bad('half of a success', goodBody.slice(0, goodBody.length / 2)),
  bad('a success without its last byte', goodBody.slice(0, -1)),
  bad('a success and a byte more', `${goodBody}x`),
  bad('a success and a NUL', `${goodBody}\0`),
  bad('two successes', goodBody + goodBody),
  bad('a success in single quotes', goodBody.replaceAll('"', "'")),
  bad('a success in another object', JSON.stringify({ data: whole })),
  bad('a success as a prototype', `{"__proto__":${goodBody}}`),
  bad('a success as a constructor', `{"constructor":{"prototype":${goodBody}}}`),
  bad('a success with other capitals', goodBody.replace('openid', 'openid').replace('session_key', 'sessionKey')),
  bad('a page', '<!doctype html><title>502</title>', { headers: ['Content-Type: text/html'] }),
  bad('XML', '<xml><openid>o</openid></xml>'),
  bad('a form', `openid=${openid}&session_key=${canary.sessionKey}`),
  bad('two byte order marks', `\ufeff\ufeff${goodBody}`),
  bad('UTF-16', Buffer.from(goodBody, 'utf16le')),
  bad('bytes that are not UTF-8', Buffer.from(goodBody.replace('oGZ', 'o\xff\xfe'), 'latin1')),
  bad('a control character', goodBody.replace('oGZ', 'o\x01Z')),
  bad('a line break in the openid', withMember('openid', `${openid}\n`)),
  bad('compressed bytes without a label', gzipSync(goodBody)),
  bad('plain bytes labelled as compressed', goodBody, { headers: ['Content-Encoding: gzip'] }),
  bad('arrays in arrays', '['.repeat(30_000)),
  bad('a success behind 64 KiB of space', ' '.repeat(64 * 1024) + goodBody),
  bad('a success followed by 10 MiB', goodBody + ' '.repeat(10 * 1024 * 1024)),

  bad('errcode null', withErrcode('null')),
  bad('errcode true', withErrcode('true')),
  bad('errcode 1.5', withErrcode('1.5')),
  bad('errcode beyond numbers', withErrcode('1e999')),
  bad('errcode empty', withErrcode('""')),
  bad('errcode "ok"', withErrcode('"ok"')),
  bad('errcode " 0"', withErrcode('" 0"')),
  bad('errcode []', withErrcode('[]')),
  bad('errcode {}', withErrcode('{}')),
  bad('an errcode nobody knows, beside a success', withErrcode('7777777')),
  { ...bad('errcode 40029 beside a success', withErrcode('40029')), code: 'code_invalid' },
  { ...bad('errcode "40163" beside a success', withErrcode('"40163"')), code: 'code_used' },
  { ...bad('errcode -1 beside a success', withErrcode('-1')), code: 'busy' },

  bad('no openid', without('openid')),
  bad('openid empty', withMember('openid', '')),
  bad('openid a number', withMember('openid', 28)),
  bad('openid null', withMember('openid', null)),
  bad('openid true', withMember('openid', true)),
  bad('openid an array', withMember('openid', [openid])),
  bad('openid an object', withMember('openid', { openid })),
  bad('openid of 65 characters', withMember('openid', 'o'.repeat(65))),
  bad('openid of 1 KiB', withMember('openid', 'o'.repeat(1024))),
  bad('openid with a space', withMember('openid', ` ${openid}`)),
  bad('openid with a look-alike letter', withMember('openid', openid.replace('o', '\u043e'))),
  bad('openid with a lone surrogate', goodBody.replace('oGZ', '\\ud800')),
  bad('openid with a NUL', withMember('openid', `${openid}\0`)),
  bad('no session_key', without('session_key')),
  bad('session_key empty', withMember('session_key', '')),
  bad('session_key null', withMember('session_key', null)),
  bad('session_key a number', withMember('session_key', 16)),
  bad('session_key of 15 bytes', withMember('session_key', 'Y2FuYXJ5a2V5Y2FuYXJ5')),
  bad('session_key of 17 bytes', withMember('session_key', 'Y2FuYXJ5a2V5Y2FuYXJ5a2s=')),
  bad('session_key without padding', withMember('session_key', canary.sessionKey.slice(0, -2))),
  bad('session_key in the alphabet of URLs', withMember('session_key', 'Y2FuYXJ5a2V5Y2FuYXJ-_w==')),
  bad('session_key with a line break', withMember('session_key', `${canary.sessionKey}\n`)),
  bad('unionid null', withMember('unionid', null)),
  bad('unionid a number', withMember('unionid', 1)),
  bad('unionid an array', withMember('unionid', [unionid])),
  bad('unionid with a space', withMember('unionid', ` ${unionid}`)),
  bad('unionid of 129 characters', withMember('unionid', 'o'.repeat(129))),

  ...['201 Created', '204 No Content', '301 Moved', '400 Bad', '401 No', '403 No', '404 No', '412 No', '429 Slow'].map(
    (status) => bad(`a success with HTTP ${status}`, status.startsWith('204') ? '' : goodBody, { status }),
  ),
  ...['500 Oh', '502 Bad Gateway', '503 Busy', '504 Late'].map((status) =>
    bad(`a page with HTTP ${status}`, '<html>', { status }),
  ),
]

/** Answers that look odd and are right all the same. */
export const oddAnswers: readonly (Answer & { readonly unionid: string | undefined })[] = [
  { name: 'a byte order mark', bytes: answer(`\ufeff${goodBody}`), unionid: unionid },
  { name: 'white space around', bytes: answer(`\n ${goodBody}\r\n`), unionid: unionid },
  { name: 'unknown members', bytes: answer(withMember('expires_in', 7200)), unionid: unionid },
  { name: 'errcode 0', bytes: answer(withErrcode('0')), unionid: unionid },
  { name: 'errcode "0"', bytes: answer(withErrcode('"0"')), unionid: unionid },
  { name: 'no unionid', bytes: answer(without('unionid')), unionid: undefined },
  { name: 'an empty unionid', bytes: answer(withMember('unionid', '')), unionid: undefined },
  {
    name: 'the unionid of the documentation, of 29',
    bytes: answer(withMember('unionid', 'o6_bmasdasdsad6_2sgVt7hMZOPfL')),
    unionid: 'o6_bmasdasdsad6_2sgVt7hMZOPfL',
  },
  {
    name: 'no content type',
    bytes: Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${goodBody.length}\r\n\r\n${goodBody}`),
    unionid: unionid,
  },
  {
    name: 'no reason phrase',
    bytes: Buffer.from(`HTTP/1.1 200 \r\nContent-Length: ${goodBody.length}\r\n\r\n${goodBody}`),
    unionid: unionid,
  },
  {
    name: 'a hint before it',
    bytes: Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'), answer(goodBody)]),
    unionid: unionid,
  },
  {
    name: 'chunks',
    bytes: Buffer.from(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${[...goodBody].map((c) => `1\r\n${c}\r\n`).join('')}0\r\n\r\n`,
    ),
    unionid: unionid,
  },
]
