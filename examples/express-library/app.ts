import { getRequestListener } from '@hono/node-server'
import express, { type RequestHandler } from 'express'
import { createHufu, type Hufu, type HufuOptions, ProblemError } from 'hufu'

/** An Express application with Hufu inside: one process, one port. */
export async function createApp(options: HufuOptions) {
  const hufu = await createHufu(options)
  const profiles = new Map<string, string>()
  const app = express()

  // Before express.json() and every other body parser: Hufu reads the request itself, and a body can be read once.
  app.all(
    ['/v1/*rest', '/.well-known/*rest', '/healthz', '/readyz'],
    getRequestListener(hufu.fetch, { overrideGlobalObjects: false }),
  )

  app.use(express.json())
  const person = requirePerson(hufu)
  app.get('/nickname', person, (_request, response) => {
    response.json({ nickname: profiles.get(response.locals.userId) ?? '微信用户' })
  })
  app.put('/nickname', person, (request, response) => {
    const { nickname } = (request.body ?? {}) as { nickname?: unknown }
    if (typeof nickname !== 'string') return void response.status(400).json({ error: 'nickname_missing' })
    profiles.set(response.locals.userId, nickname)
    response.json({ nickname })
  })
  return { app, hufu }
}

/** Asks the sessions themselves, so a block or a logout counts at once. */
function requirePerson(hufu: Hufu): RequestHandler {
  return async (request, response, next) => {
    const token = /^Bearer (.+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? ''
    try {
      response.locals.userId = (await hufu.authenticate(token)).userId
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return void response.status(error.code === 'user_blocked' ? 403 : 401).json({ error: error.code })
    }
    next()
  }
}
