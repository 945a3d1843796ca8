// A login function whose options a test chooses with each call; those with the same options share a handler, as one
// deployed function would.
const { createLogin } = require('@hufu/cloud')

const handlers = new Map()
exports.main = (event, context) => {
  const options = process.env.OPTIONS
  if (!handlers.has(options)) handlers.set(options, createLogin(JSON.parse(options)))
  return handlers.get(options)(event, context)
}
