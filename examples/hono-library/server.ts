import { serve } from '@hono/node-server'
import { createApp } from './app.ts'

const { env } = process
const { app, hufu } = await createApp({
  masterKey: env.HUFU_MASTER_KEY ?? '', // hufu key make
  issuer: env.HUFU_ISSUER ?? '', // https://shop.example.com
  apps: [{ appId: env.WECHAT_APP_ID ?? '', secret: env.WECHAT_APP_SECRET ?? '' }],
})
// Hono's Node server tells Hufu who the peer is, so logins are limited by address; behind a proxy set `trustedProxies`.
const server = serve({ fetch: app.fetch, port: Number(env.PORT ?? 3000) })

process.once('SIGTERM', () => server.close(() => void hufu.close()))
