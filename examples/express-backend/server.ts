import { createApp } from './app.ts'

const { HOST = '127.0.0.1', PORT = '3000', HUFU_ISSUER, HUFU_AUDIENCE, HUFU_SERVER } = process.env
// Told nothing, it belongs to the Hufu that `npm start` runs, and shows a little more than a real shop would.
const demo = HUFU_ISSUER === undefined
const issuer = HUFU_ISSUER ?? 'http://127.0.0.1:8787'
const trust = {
  issuer,
  audience: HUFU_AUDIENCE ?? `${issuer}/realms/default`,
  ...(HUFU_SERVER === undefined ? {} : { server: HUFU_SERVER }),
}

createApp(trust, { demo }).listen(Number(PORT), HOST, (error) => {
  if (error) throw error
  console.log(`http://${HOST}:${PORT}/orders: the orders of whoever is calling, as ${issuer} says`)
})
