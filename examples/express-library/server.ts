import { createApp } from './app.ts'

const { env } = process
const { app, hufu } = await createApp({
  masterKey: env.HUFU_MASTER_KEY ?? '', // hufu key make
  issuer: env.HUFU_ISSUER ?? '', // https://shop.example.com
  apps: [{ appId: env.WECHAT_APP_ID ?? '', secret: env.WECHAT_APP_SECRET ?? '' }],
})
const server = app.listen(Number(env.PORT ?? 3000), (error) => {
  if (error) throw error
})

process.once('SIGTERM', () => server.close(() => void hufu.close()))
