// The parts of the screen that are WeChat's own: title bar, tab bar, dialogue, toast.
window.screenParts = (() => {
  const make = (tag, className, parent, text = '') => {
    const element = document.createElement(tag)
    element.className = className
    element.textContent = text
    parent.append(element)
    return element
  }
  const bar = make('header', 'host-bar', document.body)
  const back = make('div', 'host-back', bar)
  const title = make('span', 'host-title', bar)
  make('span', 'host-capsule', bar)
  const pages = make('main', 'host-pages', document.body)
  const tabs = make('nav', 'host-tabs', document.body)

  return {
    pages,
    onBack: (listener) => back.addEventListener('click', listener),
    setTitle: (text) => {
      title.textContent = text
    },
    /** Shows the tab bar with one tab lit, or no tab bar. */
    showTabs(tabBar, route, images, open) {
      tabs.replaceChildren()
      tabs.hidden = !tabBar?.list.some(({ pagePath }) => pagePath === route)
      for (const { pagePath, text, iconPath, selectedIconPath } of tabs.hidden ? [] : tabBar.list) {
        const on = pagePath === route
        const tab = make('div', on ? 'host-tab host-tab-on' : 'host-tab', tabs)
        tab.style.color = on ? tabBar.selectedColor : tabBar.color
        make('img', '', tab).src = images[on ? selectedIconPath : iconPath] ?? ''
        make('span', '', tab, text)
        tab.addEventListener('click', () => open(pagePath))
      }
    },
    showBack: (shown) => {
      back.hidden = !shown
    },
    /** Resolves with whether the person agreed. */
    ask({ title: question = '', content = '', showCancel = true, cancelText = '取消', confirmText = '确定' }) {
      const veil = make('div', 'host-veil', document.body)
      const box = make('div', 'host-dialogue', veil)
      make('b', '', box, question)
      make('p', '', box, content)
      const buttons = make('div', 'host-buttons', box)
      return new Promise((resolve) => {
        const button = (text, answer) =>
          make('div', answer ? 'host-button host-agree' : 'host-button', buttons, text).addEventListener(
            'click',
            () => {
              veil.remove()
              resolve(answer)
            },
          )
        if (showCancel) button(cancelText, false)
        button(confirmText, true)
      })
    },
    toast(text) {
      for (const old of document.querySelectorAll('.host-toast')) old.remove()
      make('div', 'host-toast', document.body, text)
    },
  }
})()
