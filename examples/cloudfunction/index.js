// 云函数 hufu-login：把调用者登录到虎符。密钥在环境变量里，不在代码里。
// Signs the caller in to Hufu. The key is in the environment, never in the code.
const { createLogin } = require('@hufu/cloud')

exports.main = createLogin({
  server: process.env.HUFU_SERVER,
  key: process.env.HUFU_CLOUD_KEY,
  // sources: ['wx_client', 'wx_devtools'], // 开发者工具的模拟器也能登录 · lets the DevTools simulator sign in too
})
