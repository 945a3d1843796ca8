// 几选一。
Component({
  properties: {
    label: String,
    items: { type: Array, value: [] },
    value: { type: Number, value: 0 },
  },

  methods: {
    choose(event) {
      const { index } = event.currentTarget.dataset
      if (index !== this.data.value) this.triggerEvent('change', { value: index })
    },
  },
})
