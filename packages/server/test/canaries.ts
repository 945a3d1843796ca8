/** The ways in which a value could stand somewhere without being recognised at a glance. */
export function spellings(value: string): Record<string, string> {
  const bytes = Buffer.from(value)
  return {
    raw: value,
    base64: bytes.toString('base64').replace(/=+$/, ''),
    base64url: bytes.toString('base64url'),
    hex: bytes.toString('hex'),
    'URL-encoded': encodeURIComponent(value),
    'JSON-escaped': JSON.stringify(value).slice(1, -1),
    reversed: [...value].reverse().join(''),
  }
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
