import { ProblemError } from '../domain/problem-error.ts'

/** RFC 6750 §2.1: a token travels in the header only. @throws {ProblemError} `token_invalid` */
export function bearer(request: Request): string {
  const header = request.headers.get('authorization') ?? ''
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1]
  if (!token) throw new ProblemError('token_invalid', 'Send the access token as: Authorization: Bearer …')
  return token
}
