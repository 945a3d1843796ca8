/** Nothing is mounted there. */
const NOWHERE = '/%'

/**
 * The path of a request as its bytes are, for routing: nothing is decoded, so that the rules of a proxy see the path that
 * counts here. No path of ours needs an encoded character, so one that has any names nothing.
 *
 * @param base the path of the issuer, under which everything stands too; empty where it has none
 */
export function exactPath(url: string, base: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const query = url.indexOf('?', start)
  const path = start < 0 ? '/' : url.slice(start, query < 0 ? undefined : query)
  const inside = base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length) : path
  return /^[\w./~-]*$/.test(inside) ? inside : NOWHERE
}
