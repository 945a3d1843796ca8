import { readFileSync } from 'node:fs'

/** @throws the system's error when there is no such file, and as `decodeText` does. */
export const readTextFile = (file: string): string => decodeText(readFileSync(file))

/**
 * Text from a file or a pipe: UTF-8, with or without a byte order mark, or the UTF-16 that PowerShell's `>` writes.
 *
 * @throws {TypeError} when it is neither
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
  } catch {
    throw new TypeError('is not text in UTF-8 or UTF-16')
  }
}

/** Our files begin with an ASCII character, so one zero in the first two bytes tells UTF-16 where no mark does. */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be'
  return 'utf-8'
}
