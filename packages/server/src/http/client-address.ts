import { BlockList, isIP } from 'node:net'

export type TrustedProxies = { hops: number } | { networks: BlockList } | undefined

/**
 * The block an address counts as: an IPv4 address by itself, an IPv6 address with its /64, since one customer holds as
 * many as they like (threat T30). Spellings are made one; IPv4 inside IPv6 is IPv4.
 */
export function addressBlock(raw: string): string | undefined {
  const address = raw
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) return undefined
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (mapped) return [mapped[1], mapped[2]].flatMap((word) => halves(Number.parseInt(word ?? '0', 16))).join('.')
  const [head = '', tail] = canonical.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

const halves = (word: number): number[] => [word >> 8, word & 255]

/** A client's address may be counted only if it tells clients apart: behind a proxy nobody named, it does not. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  trusted: TrustedProxies,
): string | undefined {
  const peerBlock = peer === undefined ? undefined : addressBlock(peer)
  if (!trusted) return peer !== undefined && isPrivate(peer) ? undefined : peerBlock
  const chain = [...(forwardedFor?.split(',') ?? []), peer ?? '']
  if ('hops' in trusted) return addressBlock(chain.at(-1 - trusted.hops) ?? '') ?? peerBlock
  for (const hop of chain.reverse()) {
    const block = addressBlock(hop)
    if (block === undefined) return peerBlock
    if (!contains(trusted.networks, hop.trim())) return block
  }
  return peerBlock
}

/**
 * A set of networks, from CIDRs such as `10.0.0.0/8`.
 *
 * @throws {TypeError} for anything else, and for `/0`, which names everybody
 */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [, address = '', bits] = /^([^/]+)(?:\/([1-9]\d{0,2}))?$/.exec(cidr) ?? []
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    if (family === 0 || Number(bits ?? most) > most) throw new TypeError('not a network')
    list.addSubnet(address, Number(bits ?? most), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

const PRIVATE = networks([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
])

export const isPrivate = (address: string): boolean => contains(PRIVATE, address)

function contains(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}
