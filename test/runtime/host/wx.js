// The `wx` of the host page. What leaves the phone is carried to Node, where the fake `wx` of the simulator package
// answers it; what WeChat does on the phone itself (storage, pages, dialogues) happens here.
window.createWx = ({ device, native, pages, screenParts }) => {
  /** Callbacks where the app gave any, a promise where it gave none. */
  const settle = (options, work) => {
    const { success, fail, complete } = options
    const answer = Promise.resolve().then(work)
    if (!success && !fail && !complete) return answer
    answer.then(success, fail).then(complete)
    return undefined
  }
  const onPhone =
    (name, work) =>
    (options = {}) =>
      settle(options, async () => ({ ...(await work(options)), errMsg: `${name}:ok` }))

  const carry = (name, { success, fail, complete, ...options }, over = () => false) => {
    native(name, options).then(({ result, failure }) => {
      if (over()) return
      if (failure) fail?.(failure)
      else success?.(result)
      complete?.(failure ?? result)
    })
  }
  const carryOrPromise = (name, options) => {
    if (options.success || options.fail || options.complete) return carry(name, options)
    return new Promise((success, fail) => carry(name, { ...options, success, fail }))
  }

  const stored = (key) => `mini-program ${key}`
  const storage = {
    getStorageSync(key) {
      const json = localStorage.getItem(stored(key))
      return json === null ? '' : JSON.parse(json)
    },
    setStorageSync(key, data) {
      const json = JSON.stringify(data ?? '')
      if (json.length > 1024 * 1024) throw new Error('setStorageSync:fail entry size limit reached')
      localStorage.setItem(stored(key), json)
    },
    removeStorageSync: (key) => localStorage.removeItem(stored(key)),
  }
  const ignore = () => {}
  const system = { platform: 'devtools', system: 'iOS 18.0', SDKVersion: '3.7.0', language: 'zh_CN', version: '8.0.5' }

  return {
    login: (options = {}) => carry('login', options),
    checkSession: (options = {}) => carryOrPromise('checkSession', options),
    request(options) {
      let over = false
      carry('request', options, () => over)
      const abort = () => {
        if (over) return
        over = true
        options.fail?.({ errMsg: 'request:fail abort' })
      }
      return { abort, onHeadersReceived: ignore, offHeadersReceived: ignore }
    },
    cloud: {
      init: ignore,
      callFunction: (options) => carryOrPromise('callFunction', options),
      callContainer: (options) => carryOrPromise('callContainer', options),
    },
    ...storage,
    getStorage: onPhone('getStorage', ({ key }) => ({ data: storage.getStorageSync(key) })),
    setStorage: onPhone('setStorage', ({ key, data }) => storage.setStorageSync(key, data)),

    navigateTo: onPhone('navigateTo', ({ url }) => pages.push(url)),
    redirectTo: onPhone('redirectTo', ({ url }) => pages.replace(url)),
    switchTab: onPhone('switchTab', ({ url }) => pages.switchTab(url)),
    reLaunch: onPhone('reLaunch', ({ url }) => pages.restart(url)),
    navigateBack: onPhone('navigateBack', () => pages.back()),
    setNavigationBarTitle: onPhone('setNavigationBarTitle', ({ title }) => screenParts.setTitle(title)),
    setNavigationBarColor: onPhone('setNavigationBarColor', ignore),
    stopPullDownRefresh: onPhone('stopPullDownRefresh', ignore),
    showModal: onPhone('showModal', async (options) => {
      const confirm = await screenParts.ask(options)
      return { confirm, cancel: !confirm }
    }),
    showToast: onPhone('showToast', ({ title }) => screenParts.toast(title)),
    setClipboardData: onPhone('setClipboardData', () => screenParts.toast('内容已复制')),
    nextTick: (run) => setTimeout(run, 0),

    getAccountInfoSync: () => ({ miniProgram: { ...device.account } }),
    getLaunchOptionsSync: () => ({ ...device.launch }),
    getEnterOptionsSync: () => ({ ...device.launch }),
    getSystemInfoSync: () => ({ ...system, pixelRatio: 2, windowWidth: 375, windowHeight: 667 }),
    getAppBaseInfo: () => ({ SDKVersion: system.SDKVersion, language: system.language }),
    getDeviceInfo: () => ({ platform: system.platform, system: system.system }),
    getWindowInfo: () => ({ pixelRatio: 2, windowWidth: 375, windowHeight: 667 }),
    getMenuButtonBoundingClientRect: () => ({ top: 6, bottom: 38, left: 281, right: 368, width: 87, height: 32 }),
    canIUse: () => true,
    onAppShow: ignore,
    onAppHide: ignore,
    onError: ignore,
    onUnhandledRejection: ignore,
    onPageNotFound: ignore,
    onThemeChange: ignore,
    onWindowResize: ignore,
  }
}
