/** Node knows this encoding by itself only from 14.18 on. */
export const base64url = (bytes: Buffer): string =>
  bytes.toString('base64').replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')

/**
 * Decodes the one spelling that an encoder writes: Node's decoder skips what it does not know.
 *
 * @throws {TypeError} for any other
 */
export function fromBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (base64url(bytes) !== text) throw new TypeError('not base64url')
  return bytes
}
