import express, { type Express, type Response } from 'express'
import { type Person, requireUser, type Trust } from './require-user.ts'

export interface Order {
  number: string
  item: string
  /** The mini program in which it was placed. */
  appId: string
  placedAt: string
}

/**
 * The back end of a shop: a list that only its owner sees. Orders live in memory; yours live in your database, in rows
 * that bear Hufu's user id.
 *
 * @param demo adds a route that a real shop does not have, to see what the SDK does at a 401
 */
export function createApp(trust: Trust, { demo = false } = {}): Express {
  const orders = new Map<string, Order[]>()
  const refused = new Set<string>()
  const person = requireUser({ ...trust, isRefused: (tokenId) => refused.has(tokenId) })
  const app = express()
  app.disable('x-powered-by')
  app.use(express.json())

  app.get('/orders', person, (_request, response) => {
    const { userId } = personOf(response)
    response.json({ userId, items: orders.get(userId) ?? [] })
  })

  app.post('/orders', person, (request, response) => {
    const { item } = (request.body ?? {}) as { item?: unknown }
    if (typeof item !== 'string' || item === '' || item.length > 40) {
      return void response.status(400).json({ error: 'item_missing' })
    }
    const { userId, appId } = personOf(response)
    const before = orders.get(userId) ?? []
    const number = String(before.length + 1).padStart(4, '0')
    const order: Order = { number, item, appId, placedAt: (trust.now?.() ?? new Date()).toISOString() }
    orders.set(userId, [order, ...before])
    response.status(201).json(order)
  })

  if (demo) {
    // From now on this token is answered with 401, as if it had just expired.
    app.post('/demo/refuse-this-token', person, (_request, response) => {
      refused.add(personOf(response).tokenId)
      response.sendStatus(204)
    })
  }
  return app
}

/** What `requireUser` left for the routes behind it. */
const personOf = (response: Response): Person => response.locals.person
