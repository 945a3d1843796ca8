const { time } = require('../../format')
const { dataOf } = require('../../reply')

const app = getApp()
const teas = ['西湖龙井', '碧螺春', '凤凰单丛', '武夷岩茶', '白毫银针']

Page({
  data: {
    state: 'busy', // busy | ready | out | failed
    problem: '',
    items: [],
    note: '',
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
    let sends = 0
    try {
      const reply = await hufu.request({
        url: '/orders',
        onTask() {
          sends += 1
        },
      })
      if (hufu !== app.hufu) return
      this.setData({
        state: 'ready',
        items: dataOf(reply).items.map((order) => ({
          ...order,
          app: app.nameOf(order.appId),
          time: time(order.placedAt),
        })),
        note: sends > 1 ? '后端先答复 401，SDK 换了新的令牌，再试一次就成功了。' : '',
      })
    } catch (error) {
      if (hufu === app.hufu)
        this.setData({ state: error.code === 'signed_out' ? 'out' : 'failed', problem: error.message })
    }
  },

  async place() {
    const item = teas[this.data.items.length % teas.length]
    await this.post('/orders', { item })
    await this.load()
  },

  /** 演示：请后端从此不认现在的令牌。接下来的请求得到 401，SDK 自己处理好，页面什么也不用做。 */
  async refuse() {
    await this.post('/demo/refuse-this-token')
    await this.load()
  },

  async post(url, data) {
    try {
      dataOf(await app.hufu.request({ url, method: 'POST', data }))
    } catch (error) {
      wx.showToast({ title: error.message, icon: 'none' })
    }
  },

  login() {
    app.hufu.login().catch(() => {})
    this.load()
  },
})
