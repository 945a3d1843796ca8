// A function that needs no server; the thrown error becomes data so that a test can see its code.
const { whoami } = require('@hufu/cloud')

exports.main = async () => {
  try {
    return whoami(JSON.parse(process.env.RULES))
  } catch (error) {
    return { refused: error.name, code: error.code }
  }
}
