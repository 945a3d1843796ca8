const config = require('../../config')

const app = getApp()

Page({
  data: {
    state: 'busy', // busy 正在登录 | in 已登录 | out 已退出 | failed 没有登录上
    user: null,
    problem: '',
    name: '',
    choice: { app: 0, person: 0 },
    apps: config.apps.map(({ name }) => name),
    // 云函数从微信得知是谁在调用，扮演不了别人。
    people: config.cloud ? [] : config.people.map(({ label }) => label),
    way: '',
  },

  onShow() {
    this.load()
  },

  async load() {
    const { hufu, choice } = app
    this.setData({ choice, ...whoAndHow(choice) })
    try {
      const user = await hufu.ready()
      // 等的时候可能又切换了身份，那么这个结果已经过时。
      if (hufu === app.hufu) this.setData({ state: 'in', user })
    } catch (error) {
      if (hufu !== app.hufu) return
      this.setData({ state: error.code === 'signed_out' ? 'out' : 'failed', user: null, problem: error.message })
    }
  },

  login() {
    this.setData({ state: 'busy' })
    // 失败会从 load() 里的 ready() 得知。
    app.hufu.login().catch(() => {})
    this.load()
  },

  choosePerson(event) {
    this.enter({ ...app.choice, person: event.detail.value })
  },

  chooseApp(event) {
    this.enter({ ...app.choice, app: event.detail.value })
  },

  enter(choice) {
    this.setData({ state: 'busy', user: null })
    app.enter(choice)
    this.load()
  },

  copy(event) {
    wx.setClipboardData({ data: event.currentTarget.dataset.text })
  },
})

function whoAndHow({ person }) {
  const { cloud, people } = config
  if (cloud) return { name: '微信用户', way: `方式二：云函数 ${cloud.function}` }
  const actor = people[person]
  return actor?.person
    ? { name: actor.label, way: '开发：扮演模拟的人' }
    : { name: '微信用户', way: '方式一：wx.login' }
}
