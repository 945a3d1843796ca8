// Runs a mini program on glass-easel, WeChat's own component framework: modules, App, the page stack. What of it is not
// in glass-easel is here, in WeChat's order: app.js, onLaunch, then the modules of pages and components.
;(() => {
  const { PROGRAM, DEVICE, glassEasel, adapter, screenParts } = window
  const { modules, json, templates, images, slot, scopes } = PROGRAM
  const config = json.app
  const firstPage = config.pages[0]
  const global = {}
  const loaded = {}
  let app
  let registering

  // The components that frameworks build at run time listen by names that are no methods of theirs.
  glassEasel.globalOptions.useMethodCallerListeners = true
  const space = new adapter.MiniProgramEnv()
  const code = space.createCodeSpace('main', true)
  const context = new glassEasel.CurrentWindowBackendContext()
  // glass-easel hears of touches only when somebody asks it to.
  context.onEvent((target, type, detail, options) => {
    glassEasel.Event.dispatchEvent(target, new glassEasel.Event(type, detail, options))
    return glassEasel.EventBubbleStatus.Normal
  })
  const backend = space.associateBackend(context)

  const builtIn = registerBuiltIns()
  const wx = window.createWx({
    device: { ...DEVICE, launch: { path: firstPage, query: {}, scene: 1001 } },
    native: window.__native,
    screenParts,
    pages: { push, back, replace, switchTab, restart },
  })
  const launch = wx.getLaunchOptionsSync()
  for (const path of Object.keys(templates)) {
    if (path === slot) continue
    const own = json[path] ?? {}
    const usingComponents = { ...builtIn, ...config.usingComponents, ...own.usingComponents }
    code.addComponentStaticConfig(path, { ...own, usingComponents })
    if (scopes[path]) code.addStyleSheet(path, undefined, scopes[path])
    code.addCompiledTemplate(path, { groupList: templates, content: templates[path] })
  }
  load('app')
  app?.onLaunch?.(launch)
  app?.onShow?.(launch)
  for (const path of Object.keys(templates)) {
    if (!modules[path]) continue
    code.componentEnv(path, (env) => {
      registering = env
      load(path)
    })
  }

  const stack = []
  const tabs = {}
  const isTab = (route) => config.tabBar?.list.some(({ pagePath }) => pagePath === route) ?? false
  screenParts.onBack(back)
  push(firstPage)
  /** What a person does that is no tap. */
  window.host = { pullDown: () => stack.at(-1).page.onPullDownRefresh?.() }

  /** Tags that WeChat brings along. In WXML `bindtap` works on components only, so they have to be some. */
  function registerBuiltIns() {
    const names = 'view text button input form image label scroll-view navigator icon block-view'.split(' ')
    const texts = ['type', 'size', 'src', 'mode', 'openType', 'formType', 'hoverClass', 'value', 'placeholder', 'url']
    const flags = ['hidden', 'disabled', 'loading', 'plain', 'scrollY', 'scrollX', 'userSelect', 'selectable']
    const properties = Object.fromEntries([
      ...texts.map((name) => [name, String]),
      ...flags.map((name) => [name, Boolean]),
    ])
    return Object.fromEntries(
      names.map((name) => {
        const path = `host/${name}`
        code.addComponentStaticConfig(path, { component: true, usingComponents: {} })
        code.addCompiledTemplate(path, { groupList: templates, content: templates[slot] })
        code.componentEnv(path, ({ Component }) => Component({ properties }))
        return [name, `/${path}`]
      }),
    )
  }

  function load(path) {
    if (loaded[path]) return loaded[path].exports
    const module = { exports: {} }
    loaded[path] = module
    const given = [
      (name) => load(resolve(path, name)),
      module,
      module.exports,
      (definition) => {
        app = definition
      },
      // A framework's pages are registered from a file that all of them share: not the file decides, but the moment.
      (definition) => registering.Page(definition),
      (...definition) => registering.Component(...definition),
      (...definition) => registering.Behavior(...definition),
      () => app,
      () => stack.map(({ page }) => page),
      wx,
      global,
    ]
    modules[path](...given)
    return module.exports
  }

  /** Where a module is: relative, absolute, or in the nearest miniprogram_npm upwards. */
  function resolve(from, name) {
    const folders = from.split('/').slice(0, -1)
    const candidates = name.startsWith('.')
      ? [[...folders, name]]
      : [
          [name],
          ...folders.concat('').map((_, at) => [...folders.slice(0, folders.length - at), 'miniprogram_npm', name]),
        ]
    for (const parts of candidates) {
      const path = normal(parts.join('/')).replace(/\.js$/, '')
      const found = [path, `${path}/index`].find((one) => modules[one])
      if (found) return found
    }
    throw new Error(`module '${name}' is not defined, require args is '${name}' (from ${from})`)
  }

  function normal(path) {
    const parts = []
    for (const part of path.split('/')) {
      if (part === '..') parts.pop()
      else if (part && part !== '.') parts.push(part)
    }
    return parts.join('/')
  }

  function create(url) {
    const [path, query = ''] = url.split('?')
    const route = normal(path)
    if (!templates[route]) throw { errMsg: `navigateTo:fail page "${route}" is not found` }
    const root = backend.createRoot('wx-page', code, route)
    const page = root.get()
    // Before it is attached: uni-app reads it there.
    page.route = route
    page.is = route
    const place = screenParts.pages.appendChild(document.createElement('div'))
    root.attach(screenParts.pages, place)
    const element = screenParts.pages.lastElementChild
    element.setAttribute('route', route)
    const entry = { route, page, root, element }
    stack.push(entry)
    page.onLoad?.(Object.fromEntries(new URLSearchParams(query)))
    return entry
  }

  function show(entry, first) {
    for (const { element } of [...stack, ...Object.values(tabs)]) element.hidden = element !== entry.element
    screenParts.setTitle(json[entry.route]?.navigationBarTitleText ?? config.window?.navigationBarTitleText ?? '')
    screenParts.showTabs(config.tabBar, entry.route, images, switchTab)
    screenParts.showBack(stack.length > 1)
    entry.page.onShow?.()
    if (first) entry.page.onReady?.()
  }

  function push(url) {
    stack.at(-1)?.page.onHide?.()
    const entry = create(url)
    if (isTab(entry.route)) tabs[entry.route] = entry
    show(entry, true)
  }

  function unload({ page, root, element }) {
    page.onUnload?.()
    glassEasel.Element.pretendDetached(root)
    element.remove()
  }

  function back() {
    if (stack.length < 2) return
    unload(stack.pop())
    show(stack.at(-1), false)
  }

  function replace(url) {
    unload(stack.pop())
    show(create(url), true)
  }

  function switchTab(url) {
    const route = normal(url)
    while (stack.length > 1) unload(stack.pop())
    const [here] = stack
    if (here.route === route) return show(here, false)
    stack.pop()
    // A tab keeps its page while another is looked at.
    if (tabs[here.route]) here.page.onHide?.()
    else unload(here)
    const kept = tabs[route]
    if (!kept) return push(route)
    stack.push(kept)
    show(kept, false)
  }

  function restart(url) {
    for (const entry of new Set([...stack.splice(0), ...Object.values(tabs)])) unload(entry)
    for (const route of Object.keys(tabs)) delete tabs[route]
    push(url)
  }
})()
