/** Line breaks inside, zero-width spaces, byte order marks: what an editor does not show and a parser keeps. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const QUOTATION_MARK = /^["'`“”‘’]|["'`“”‘’]$/

/**
 * What somebody meant by a setting: blanks and line ends around it are gone, since editors, shells and files of Windows
 * leave them. No setting of ours begins or ends with a quotation mark, so one there was left over by an env file.
 *
 * @throws {TypeError} for an invisible character inside, or a quotation mark at an end
 */
export function cleanText(raw: string): string {
  const text = raw.trim()
  if (INVISIBLE.test(text)) throw new TypeError('holds an invisible character, such as a line break; type it again')
  if (QUOTATION_MARK.test(text)) {
    throw new TypeError('begins or ends with a quotation mark, which an env file left there; write it without')
  }
  return text
}
