import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseErrmsg } from '@hufu/wechat'
import { seenAddress } from '../src/errmsg.ts'

const rid = '66c69111-4157f271-729ca238'

/** Every form of the suffix that has been quoted from the wire. */
const forms: [errmsg: string, text: string, rid: string | undefined, hint: string | undefined][] = [
  [`invalid code, rid: ${rid}`, 'invalid code', rid, undefined],
  [`access_token expired rid: ${rid}`, 'access_token expired', rid, undefined],
  [`invalid code hint: [mGhbWV0sf-LxnVma] rid: ${rid}`, 'invalid code', rid, 'mGhbWV0sf-LxnVma'],
  [` rid: ${rid}`, '', rid, undefined],
  [`invalid ip 1.2.3.4, not in whitelist, rid: ${rid}`, 'invalid ip 1.2.3.4, not in whitelist', rid, undefined],
  ['code blocked, hints: [ req_id: qEjdmsNre-EYNDhA ]', 'code blocked', undefined, 'qEjdmsNre-EYNDhA'],
  ['invalid openid hint: [eVZP306494870]', 'invalid openid', undefined, 'eVZP306494870'],
  [`invalid grant_type , rid: ${rid}`, 'invalid grant_type', rid, undefined],
  ['ok', 'ok', undefined, undefined],
  ['', '', undefined, undefined],
  ['invalid code, rid: 66c69111-4157f271', 'invalid code, rid: 66c69111-4157f271', undefined, undefined],
  [`rid: ${rid} in the middle`, `rid: ${rid} in the middle`, undefined, undefined],
]

test('every suffix that WeChat is known to append to an errmsg is taken off', () => {
  for (const [errmsg, text, expectedRid, hint] of forms)
    assert.deepEqual(parseErrmsg(errmsg), { text, rid: expectedRid, hint }, errmsg)
})

test('T28 a hostile errmsg of 64 KiB costs next to nothing', () => {
  const began = process.cpuUsage() // our own work only, however busy the machine is
  for (const unit of [' ', ',', ', hints: [ req_id: a', 'rid: ', ' rid: 66c69111-', '1.', ':', 'a:'])
    for (const errmsg of [unit.repeat(65_536 / unit.length), `${unit.repeat(60_000 / unit.length)}, rid: ${rid}`]) {
      parseErrmsg(errmsg)
      seenAddress(errmsg)
    }
  assert.ok(process.cpuUsage(began).user < 1_000_000)
})

test('the IP address in an errmsg is read, and nothing else is taken for one', () => {
  const addresses: [string, string | undefined][] = [
    ['invalid ip 8.149.0.108 ipv6 ::ffff:8.149.0.108, not in whitelist', '8.149.0.108'],
    ['invalid ip 8.149.0.108, not in whitelist', '8.149.0.108'],
    ['invalid request source (bad client ip), requestIP: 1.2.3.4', '1.2.3.4'],
    ['invalid ip 2001:db8::1, not in whitelist', '2001:db8::1'],
    ['not in whitelist', undefined],
    ['invalid ip 0123456789abcdef0123456789abcdef, not in whitelist', undefined],
  ]
  for (const [errmsg, address] of addresses) assert.equal(seenAddress(errmsg), address, errmsg)
})
