import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressBlock, clientAddress, forwardedChain, isShared, networks } from './client-address.ts'

test('T30 an address counts as itself, an IPv6 address as its /64, however it is written', () => {
  for (const [raw, block] of [
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9%eth0', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
  ] as const) {
    assert.equal(addressBlock(raw), block, raw)
  }
})

test('T30 what is no address counts as none', () => {
  const odd = [
    '',
    'unknown',
    '_hidden',
    '192.0.2',
    '192.0.2.256',
    '1.2.3.4:',
    '1.2.3.4:123456',
    '[1.2.3.4',
    '[2001:db8::1]443',
    '"',
    '0x7f.1',
    '127.1',
    '2130706433',
    ':::',
    '1::2::3',
    'a.b',
  ]
  for (const raw of odd) assert.equal(addressBlock(raw), undefined, raw)
})

test('T30 ten thousand addresses of one /64 are one block', () => {
  const blocks = new Set<string | undefined>()
  for (let n = 0; n < 10_000; n++) {
    const low = [n & 0xffff, (n * 7919) & 0xffff, (n * 104_729) & 0xffff, (n * 31) & 0xffff]
    blocks.add(addressBlock(`2001:db8:0:7:${low.map((word) => word.toString(16)).join(':')}`))
  }
  assert.deepEqual([...blocks], ['2001:db8:0:7::/64'])
})

/** Spellings that a client may write into a forwarding header. */
const spoofs = Array.from({ length: 1000 }, (_, n) => {
  const lies = [
    `10.0.${n >> 8}.${n & 255}`,
    `::ffff:10.0.${n >> 8}.${n & 255}`,
    `2001:db8::${n.toString(16)}`,
    `unknown, 10.${n & 255}.0.1`,
    `1.2.3.${n & 255},,`,
    `"1.2.3.${n & 255}"`,
    `1.2.3.${n & 255}:${n}`,
    `for=1.2.3.${n & 255}`,
    ' , , ',
    '',
  ]
  return lies[n % lies.length] ?? ''
})

test('T30 a thousand spoofed headers change nothing where no proxy is named', () => {
  for (const spoof of spoofs) assert.equal(clientAddress('203.0.113.9', spoof.split(','), undefined), '203.0.113.9')
})

test('T30 behind one proxy only what that proxy wrote counts, whatever the client put before it', () => {
  for (const spoof of spoofs) {
    const header = spoof === '' ? '198.51.100.4' : `${spoof}, 198.51.100.4`
    assert.equal(clientAddress('10.0.0.1', header.split(','), { hops: 1 }), '198.51.100.4', spoof)
    const trusted = { networks: networks(['10.0.0.1/32', '192.168.0.0/16']) }
    assert.equal(clientAddress('10.0.0.1', header.split(','), trusted), '198.51.100.4', spoof)
    assert.equal(clientAddress('10.0.0.1', `${header},192.168.3.4`.split(','), trusted), '198.51.100.4', spoof)
  }
})

test('T30 a caller who goes round the proxy counts as who they are', () => {
  const trusted = { networks: networks(['10.0.0.0/8']) }
  assert.equal(clientAddress('203.0.113.9', ['198.51.100.4'], trusted), '203.0.113.9')
})

test('C4 an address counts the same with a port, brackets, quotation marks or a zone around it', () => {
  for (const [block, ...spellings] of [
    ['203.0.113.9', '203.0.113.9:51234', '"203.0.113.9"', '"203.0.113.9:80"', '203.0.113.9:_hidden', '[203.0.113.9]:1'],
    ['2001:db8:0:0::/64', '[2001:db8::1]:443', '"[2001:db8::2]:9"', '[2001:db8::3%eth0]:_p', '2001:db8::4%1'],
    ['192.0.2.1', '[::ffff:192.0.2.1]:8080', '::ffff:192.0.2.1', '"[::ffff:c000:201]"'],
  ] as const) {
    for (const raw of spellings) assert.equal(addressBlock(raw), block, raw)
  }
})

test('C4 the addresses are those of X-Forwarded-For, or else of Forwarded', () => {
  const chain = (headers: Record<string, string>) => forwardedChain(new Headers(headers)).map(addressBlock)
  assert.deepEqual(chain({}), [])
  assert.deepEqual(chain({ 'x-forwarded-for': '192.0.2.1:5, [2001:db8::1]:443' }), ['192.0.2.1', '2001:db8:0:0::/64'])
  assert.deepEqual(chain({ forwarded: 'for=192.0.2.1;proto=https, by=10.0.0.1;FOR="[2001:db8::1]:443"' }), [
    '192.0.2.1',
    '2001:db8:0:0::/64',
  ])
  assert.deepEqual(chain({ forwarded: 'for=_secret, for=unknown, proto=http' }), [undefined, undefined, undefined])
  assert.deepEqual(
    chain({ forwarded: 'for="1.2.3.4, for=192.0.2.8' }).at(-1),
    '192.0.2.8',
    'T30 nothing hides the last',
  )
  assert.deepEqual(chain({ 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.2' }), ['192.0.2.1'])
})

test('C4 a trusted proxy that names no client is one block for all of them', () => {
  const nets = { networks: networks(['10.0.0.0/8']) }
  for (const chain of [[], ['unknown'], ['_x'], ['nonsense'], ['198.51.100.4', 'unknown'], ['']]) {
    assert.equal(clientAddress('10.0.0.1', chain, nets), 'behind 10.0.0.1', String(chain))
    assert.equal(clientAddress('10.0.0.1', chain, { hops: 1 }), 'behind 10.0.0.1', String(chain))
  }
  assert.equal(clientAddress('10.0.0.1', ['10.0.0.2'], nets), 'behind 10.0.0.2')
  assert.equal(clientAddress('10.0.0.1', ['198.51.100.4'], { hops: 2 }), 'behind 10.0.0.1')
  assert.equal(clientAddress(undefined, ['198.51.100.4:1'], { hops: 1 }), '198.51.100.4')
  assert.equal(clientAddress(undefined, [], { hops: 1 }), undefined)
  assert.deepEqual([isShared('behind 10.0.0.1'), isShared('10.0.0.1')], [true, false])
})

test('a private peer behind no named proxy hides its clients, so it counts as nobody', () => {
  const hidden = [
    '10.1.2.3',
    '127.0.0.1',
    '::1',
    '192.168.0.5',
    '172.20.0.2',
    '::ffff:10.0.0.1',
    'fd00::5',
    'fe80::1%eth0',
    '100.64.0.1',
  ]
  for (const peer of hidden) assert.equal(clientAddress(peer, ['1.2.3.4'], undefined), undefined, peer)
  assert.equal(clientAddress(undefined, ['1.2.3.4'], undefined), undefined)
})

test('no text makes an address of nothing, or throws', () => {
  const rules = [undefined, { hops: 1 }, { networks: networks(['10.0.0.0/8']) }]
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 200 }), (peer, header) => {
      for (const trusted of rules) {
        const found = clientAddress(peer, header.split(','), trusted)
        assert.ok(found === undefined || /^(?:behind )?(?:[\d.]+|[0-9a-f:]+\/64)$/.test(found), found)
      }
    }),
    { numRuns: 1000 },
  )
})
