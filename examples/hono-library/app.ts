import { Hono } from 'hono'
import { createHufu, type HufuOptions, ProblemError } from 'hufu'

/**
 * A shop with Hufu inside: one process, one port, one database of users. The mini program's SDK is told this server's
 * address and nothing else.
 */
export async function createApp(options: HufuOptions) {
  const carts = new Map<string, string[]>()
  const hufu = await createHufu({
    ...options,
    // Two users turned out to be one person: what hung on the id that is gone moves to the one that stays. An event may
    // come twice, and the second time there is nothing left to move.
    onEvent({ kind, userId, detail }) {
      if (kind !== 'user.unified') return
      const absorbed = carts.get(detail.absorbed)
      if (!absorbed) return
      carts.set(userId, [...(carts.get(userId) ?? []), ...absorbed])
      carts.delete(detail.absorbed)
    },
  })

  const app = new Hono<{ Variables: { userId: string } }>()
  for (const path of ['/v1/*', '/.well-known/*', '/healthz', '/readyz']) {
    app.all(path, (context) => hufu.fetch(context.req.raw, context.env))
  }

  app.use('/cart', async (context, next) => {
    const [scheme, token = ''] = (context.req.header('authorization') ?? '').split(' ')
    try {
      // Asks the sessions themselves, so a block or a logout counts at once.
      const person = await hufu.authenticate(scheme?.toLowerCase() === 'bearer' ? token : '')
      context.set('userId', person.userId)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return context.json({ error: error.code }, error.code === 'user_blocked' ? 403 : 401)
    }
    return next()
  })
  app.get('/cart', (context) => context.json({ items: carts.get(context.get('userId')) ?? [] }))
  app.post('/cart', async (context) => {
    const { item } = await context.req.json<{ item?: unknown }>()
    if (typeof item !== 'string') return context.json({ error: 'item_missing' }, 400)
    const items = [...(carts.get(context.get('userId')) ?? []), item]
    carts.set(context.get('userId'), items)
    return context.json({ items }, 201)
  })
  return { app, hufu }
}
