const { createClient } = require('@hufu/miniprogram')
const config = require('./config')

App({
  onLaunch() {
    if (config.cloud) wx.cloud.init({ env: config.cloud.env })
    this.enter(wx.getStorageSync('choice') || { app: 0, person: 0 })
  },

  /**
   * 以某个人的身份进入某个小程序。真正的小程序不需要切换，在 onLaunch 里 createClient 一次就够了；
   * 这里为了演示，每切换一次就换一个客户端。
   */
  enter(choice) {
    this.choice = choice
    wx.setStorageSync('choice', choice)
    this.hufu = createClient(optionsFor(choice))
    // 先登录起来；页面里的 ready() 和 request() 会等到登录完成。上次退出了的，不会悄悄登录回来。失败由页面显示。
    this.hufu.ready().catch(() => {})
  },

  /** AppID 在这个示例里的名字。 */
  nameOf(appId) {
    const app = config.apps.find((one) => one.appId === appId)
    return app ? app.name : appId
  },
})

function optionsFor({ app, person }) {
  const { server, api, cloud } = config
  // 云函数从微信得知是谁在调用，不需要 code，也不能扮演别人。
  if (cloud) return { server, api, cloud: { function: cloud.function } }
  const { appId } = config.apps[app]
  const actor = config.people[person]
  return actor?.person ? { server, api, appId, dev: { person: actor.person } } : { server, api, appId }
}
