import { ProblemError } from '../domain/problem-error.ts'

export interface PageRequest {
  after: string | undefined
  limit: number
  /** Another query parameter of this request. */
  text<T extends string = string>(name: string): T | undefined
}

const MOST = 200

/** `?after=` is the `next` of the page before; `?limit=` is 1 to 200, 50 if absent. */
export function readPage(request: Request): PageRequest {
  const query = new URL(request.url).searchParams
  const limit = Number(query.get('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw new ProblemError('invalid_request', `Wrong: limit (1 to ${MOST}).`)
  }
  return {
    after: query.get('after') ?? undefined,
    limit,
    text: <T extends string>(name: string) => (query.get(name) as T | null) ?? undefined,
  }
}
