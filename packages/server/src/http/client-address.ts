import { BlockList, isIP } from 'node:net'

export type TrustedProxies = { hops: number } | { networks: BlockList } | undefined

/**
 * An address without what proxies write around it: quotation marks, brackets, a port, a zone. Undefined for what hides
 * it (`unknown`, `_secret`; RFC 7239 §6) and for everything else that is none.
 */
export function bareAddress(raw: string): string | undefined {
  const node = /^"(.*)"$/.exec(raw.trim())?.[1] ?? raw.trim()
  const address = NODE.exec(node)?.slice(1).find(Boolean)?.replace(/%.*$/, '')
  return address !== undefined && isIP(address) !== 0 ? address : undefined
}

/** In brackets, with a port that may be hidden; IPv4 with such a port; anything else as it is (RFC 7239 §6). */
const NODE = /^(?:\[([^\]]*)\](?::(?:\d{1,5}|_[\w.-]+))?|([\d.]+):(?:\d{1,5}|_[\w.-]+)|(.*))$/

/**
 * The block an address counts as: an IPv4 address by itself, an IPv6 address with its /64, since one customer holds as
 * many as they like (threat T30). Spellings are made one; IPv4 inside IPv6 is IPv4.
 */
export function addressBlock(raw: string): string | undefined {
  const address = bareAddress(raw)
  if (address === undefined) return undefined
  if (isIP(address) === 4) return address
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

const SHARED = 'behind '

/** Whether a block stands for all clients of a proxy that does not tell them apart. */
export const isShared = (block: string): boolean => block.startsWith(SHARED)

/**
 * The block that a client counts as. Undefined where nothing tells clients apart: behind a proxy that nobody named. Where a
 * trusted proxy names none, its clients are one block, {@link isShared shared}.
 *
 * @param chain addresses that the request came through, as {@link forwardedChain} reads them
 */
export function clientAddress(
  peer: string | undefined,
  chain: readonly string[],
  trusted: TrustedProxies,
): string | undefined {
  const peerBlock = peer === undefined ? undefined : addressBlock(peer)
  if (!trusted) return peer !== undefined && isPrivate(peer) ? undefined : peerBlock
  if ('hops' in trusted) return addressBlock(chain.at(-trusted.hops) ?? '') ?? (peerBlock && SHARED + peerBlock)
  if (peerBlock === undefined || peer === undefined) return undefined
  let nearest = peerBlock
  for (const hop of [...chain, peer].reverse()) {
    const block = addressBlock(hop)
    if (block === undefined) break
    if (!contains(trusted.networks, hop)) return block
    nearest = block
  }
  return SHARED + nearest
}

/**
 * The addresses that proxies wrote down, the nearest last: those of `X-Forwarded-For`, or of `Forwarded` (RFC 7239) where
 * there is no such header. A quotation mark does not bind a comma: whoever wrote the first could hide what was added last.
 */
export function forwardedChain(headers: Headers): string[] {
  const addresses = headers.get('x-forwarded-for')
  if (addresses !== null) return addresses.split(',')
  const elements = headers.get('forwarded')?.split(',') ?? []
  return elements.map((element) => /(?:^|;)\s*for=([^;]*)/i.exec(element)?.[1] ?? '')
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
  const plain = bareAddress(address)?.replace(/^::ffff:(?=\d+\.)/i, '')
  return plain !== undefined && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')
}
