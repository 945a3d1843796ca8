/**
 * Base64url without padding (RFC 7515 §2) in its only spelling: decoders forgive padding, blanks, the other alphabet and set
 * bits where none are used, so that many texts would be one value.
 */
export const isBase64url = (text: string): boolean =>
  /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/.test(text)

/** A signed JWT (RFC 7515 §7.1) as signers write it: three parts, none empty, each in its only spelling. */
export function isCompactJws(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 3 && parts.every((part) => part !== '' && isBase64url(part))
}
