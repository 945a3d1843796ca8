const { time } = require('../../format')
const { dataOf } = require('../../reply')

const app = getApp()

Page({
  data: {
    state: 'busy', // busy | ready | failed
    problem: '',
    items: [],
  },

  onShow() {
    this.load()
  },

  async load() {
    try {
      const { items } = dataOf(await app.hufu.request({ url: '/v1/me/sessions', to: 'server' }))
      this.setData({
        state: 'ready',
        items: items.map((session) => ({
          ...session,
          app: app.nameOf(session.appId),
          since: time(session.createdAt),
          lastUsed: time(session.lastUsedAt),
        })),
      })
    } catch (error) {
      this.setData({ state: 'failed', problem: error.message })
    }
  },

  async end(event) {
    const { id, current } = event.currentTarget.dataset
    const { confirm } = await wx.showModal({
      title: '结束这个登录？',
      content: current ? '这是本机。下一个请求会得到 401，SDK 会自动重新登录。' : '那台设备要重新登录。',
      confirmColor: '#fa5151',
    })
    if (!confirm) return
    try {
      dataOf(await app.hufu.request({ url: `/v1/me/sessions/${id}`, to: 'server', method: 'DELETE' }))
    } catch (error) {
      wx.showToast({ title: error.message, icon: 'none' })
    }
    this.load()
  },
})
