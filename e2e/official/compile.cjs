// The official compilation of a mini program, as an upload would do it, without WeChat's servers and without a key.
// node compile.cjs <folder> <folder for the result>
const { generateKeyPairSync } = require('node:crypto')
const dns = require('node:dns')
const { mkdirSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')

const [folder, target] = process.argv.slice(2)

// Nothing here may leave the machine.
dns.lookup = (name, options, callback = options) =>
  callback(Object.assign(new Error(`offline: ${name}`), { code: 'ENOTFOUND' }))

// The one question that the compiler cannot do without: what WeChat knows of this AppID.
const attributes = require('miniprogram-ci/dist/ci/projectattr.js')
if (typeof attributes.getProjectAttr !== 'function') {
  console.error('miniprogram-ci has no dist/ci/projectattr.js getProjectAttr any more: this stand-in fits 2.1.42 only.')
  process.exit(1)
}
attributes.getProjectAttr = async (_key, appid) => ({
  appid,
  appName: 'example',
  platform: false,
  appType: 0,
  isSandbox: false,
  released: false,
  gameApp: false,
  setting: {
    MaxCodeSize: 2,
    MaxSubpackageSubCodeSize: 2,
    MaxSubpackageFullCodeSize: 30,
    NavigateMiniprogramLimit: 10,
    MaxSubPackageLimit: 100,
    MinTabbarCount: 2,
    MaxTabbarCount: 5,
    MaxTabbarIconSize: 40,
    MaxCustomTabbarCount: 5,
    useNewMinCodeSize: false,
  },
})
const ci = require('miniprogram-ci') // after the stand-in is in place

compile().then(
  () => process.exit(0), // its own workers would keep this process alive
  (error) => {
    console.error(error)
    process.exit(1)
  },
)

async function compile() {
  // It wants a key that can be read, and without a network never uses it.
  const pem = { type: 'pkcs1', format: 'pem' }
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: pem,
    publicKeyEncoding: pem,
  })
  const privateKeyPath = `${target}.key`
  writeFileSync(privateKeyPath, privateKey, { mode: 0o600 })
  const project = new ci.Project({
    appid: 'wx0000000000000000',
    type: 'miniProgram',
    projectPath: folder,
    privateKeyPath,
    ignores: ['**/node_modules/**/*'],
  })
  const files = await ci.getCompiledResult(
    { project, desc: 'example', version: '1.0.0', setting: { es6: true, minify: true }, onProgressUpdate() {} },
    `${target}.zip`,
  )
  for (const [path, content] of Object.entries(files)) {
    const place = join(target, path)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, content)
  }
}
