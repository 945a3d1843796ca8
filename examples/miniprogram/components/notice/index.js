// 出错或没有登录时的一句话，和一个可以点的办法。
Component({
  properties: {
    text: String,
    action: { type: String, value: '重试' },
  },

  methods: {
    act() {
      this.triggerEvent('act')
    },
  },
})
