import type { Directory } from '../ports/directory.ts'

/** Browser pages of the origins that operators named may call; there are no cookies, so nothing else is let through. */
export function withCors(directory: Directory, request: Request, response: Response): Response {
  const origin = request.headers.get('origin')
  if (origin === null || !directory.hasOrigin(origin)) return response
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-expose-headers', 'retry-after, www-authenticate')
  response.headers.append('vary', 'origin')
  return response
}

export function answerPreflight(directory: Directory, request: Request, allowed: string): Response {
  const origin = request.headers.get('origin')
  if (origin === null || !directory.hasOrigin(origin))
    return new Response(null, { status: 204, headers: { allow: allowed } })
  return new Response(null, {
    status: 204,
    headers: {
      allow: allowed,
      'access-control-allow-origin': origin,
      'access-control-allow-methods': allowed,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'origin',
    },
  })
}
