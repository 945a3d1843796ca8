// What 构建 npm does in WeChat DevTools. In a process of its own, because miniprogram-ci keeps the process alive.
const ci = require('miniprogram-ci')

const folder = process.argv[2]
ci.packNpmManually({ packageJsonPath: `${folder}/package.json`, miniprogramNpmDistDir: folder }).then(
  (result) => {
    process.send(result)
    process.disconnect()
    process.exit(0)
  },
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
