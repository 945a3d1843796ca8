const { time } = require('../../format')
const { dataOf } = require('../../reply')

const app = getApp()

Page({
  data: {
    state: 'busy', // busy | ready | out | failed
    problem: '',
    me: null,
    devices: 0,
  },

  onShow() {
    this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  async load() {
    const { hufu } = app
    try {
      // 两个请求同时发出；令牌过期的话，SDK 也只会换一次。
      const [me, sessions] = await Promise.all([
        hufu.request({ url: '/v1/me', to: 'server' }),
        hufu.request({ url: '/v1/me/sessions', to: 'server' }),
      ])
      if (hufu !== app.hufu) return
      this.setData({ state: 'ready', me: shown(dataOf(me)), devices: dataOf(sessions).items.length })
    } catch (error) {
      if (hufu !== app.hufu) return
      this.setData({ state: error.code === 'signed_out' ? 'out' : 'failed', me: null, problem: error.message })
    }
  },

  openDevices() {
    wx.navigateTo({ url: '/pages/devices/index' })
  },

  async logout() {
    await app.hufu.logout()
    this.load()
  },

  login() {
    app.hufu.login().catch(() => {})
    this.load()
  },
})

const shown = (me) => ({
  ...me,
  since: time(me.createdAt),
  identities: me.identities.map((identity) => ({
    ...identity,
    app: app.nameOf(identity.appId),
    lastSeen: time(identity.lastSeenAt),
  })),
})
