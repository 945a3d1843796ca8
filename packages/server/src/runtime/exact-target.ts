/** A path and a query (RFC 9112 §3.2.1), of characters that no reader of URLs replaces. */
const ORIGIN_FORM = /^(\/[\w\-.~%!$&'()*+,;=:@/]*)(?:\?[^#]*)?$/
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * Whether a request's target means what its bytes say. A whole URL, a dot segment or a backslash would mean one thing to a
 * proxy's rules and another to whoever reads it next.
 */
export function isExactTarget(target: string): boolean {
  const path = ORIGIN_FORM.exec(target)?.[1]
  return path !== undefined && !DOT_SEGMENT.test(path)
}
