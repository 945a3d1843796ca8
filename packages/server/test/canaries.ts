/** The ways in which a value could stand somewhere without being recognised at a glance. */
export function spellings(value: string): Record<string, string> {
  const bytes = Buffer.from(value)
  return {
    raw: value,
    base64: encoded(bytes, 'base64', 0),
    'base64 inside more': encoded(bytes, 'base64', 1),
    'base64 deep inside more': encoded(bytes, 'base64', 2),
    base64url: encoded(bytes, 'base64url', 0),
    'base64url inside more': encoded(bytes, 'base64url', 1),
    'base64url deep inside more': encoded(bytes, 'base64url', 2),
    hex: bytes.toString('hex'),
    'URL-encoded': encodeURIComponent(value),
    'JSON-escaped': JSON.stringify(value).slice(1, -1),
    reversed: [...value].reverse().join(''),
  }
}

/** The letters that are the same whatever stands before and after: `before` bytes modulo three, and anything behind. */
function encoded(bytes: Buffer, alphabet: 'base64' | 'base64url', before: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(alphabet)
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}

/** Which of these secrets stand in a text, and how: `AppSecret (base64)`. */
export function canariesIn(secrets: Readonly<Record<string, string>>, text: string): string[] {
  const lower = text.toLowerCase()
  return Object.entries(secrets).flatMap(([name, value]) =>
    Object.entries(spellings(value))
      .filter(([how, spelling]) => (how === 'hex' ? lower : text).includes(spelling))
      .map(([how]) => `${name} (${how})`),
  )
}
