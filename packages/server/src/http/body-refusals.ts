import { ProblemError } from '../domain/problem-error.ts'
import { exampleOf, type Shape } from './members.ts'

/** Whether this is the media type of JSON in UTF-8, however it is written: parameters may be empty, quoted or unknown. */
export function isJsonType(type: string): boolean {
  const [name = '', ...parameters] = type.split(';').map((part) => part.trim())
  if (name.toLowerCase() !== 'application/json' || type.includes(',')) return false
  return parameters.every((one) => !/^charset\s*=/i.test(one) || /^charset\s*=\s*(["']?)(?:utf-?8)?\1$/i.test(one))
}

/** For a body of another media type. */
export function otherType(type: string | null, shape: Shape): ProblemError {
  const what = WHAT.find(([pattern]) => pattern.test(type ?? ''))?.[1] ?? 'of another media type'
  return new ProblemError('unsupported_media_type', `The body came ${what}. ${sendInstead(shape)}`)
}

const WHAT: [RegExp, string][] = [
  [/^$/, 'without a Content-Type'],
  [/^application\/x-www-form-urlencoded/i, 'as a form (application/x-www-form-urlencoded)'],
  [/^multipart\//i, 'as a form (multipart/form-data)'],
  [/^text\//i, 'as text'],
  [/^application\/json\s*;[^,]*charset/i, 'in another charset than UTF-8'],
]

/** For a compressed body: nothing here decompresses (threat T36). */
export function encoded(encoding: string): ProblemError {
  const name = /^\s*(gzip|x-gzip|deflate|br|zstd|compress)\s*$/i.exec(encoding)?.[1]?.toLowerCase()
  const what = name === undefined ? 'encoded' : `compressed (Content-Encoding: ${name})`
  return new ProblemError('unsupported_media_type', `The body is ${what}. Send it as it is, without Content-Encoding.`)
}

/** For text that is called JSON. */
export function notJson(text: string, shape: Shape): ProblemError {
  const word = /^[\w-]{16,}$/.test(text.trim()) ? ' It looks like a code or token by itself.' : ''
  const form = /^\w+=[^{]*$/.test(text.trim()) ? ' It looks like a form.' : ''
  return new ProblemError('invalid_request', `The body is not valid JSON.${word}${form} ${sendInstead(shape)}`)
}

const sendInstead = (shape: Shape): string => `Send, as application/json: ${exampleOf(shape)}`
