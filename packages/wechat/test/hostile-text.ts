import fc from 'fast-check'

/** Any text at all, lone surrogates included, with a liking for what URLs and headers are broken with. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 140 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom(...'&=?#%+;/\\ \r\n\0"\'<>.-_aZ0'), { maxLength: 140 })
    .map((characters) => characters.join('')),
  fc
    .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'), { maxLength: 140 })
    .map((characters) => characters.join('')),
  fc.constantFrom(
    'x&appid=wx2',
    'x%26appid%3Dwx2',
    'x#',
    'x\r\nHost: elsewhere',
    'x\n',
    'the code is a mock one',
    '__proto__',
    '\ud800',
    '\ufeffx',
  ),
)
