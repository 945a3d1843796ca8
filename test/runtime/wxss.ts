import { posix } from 'node:path'

/** Whose rules these are: the whole app's, a page's, or a component's. */
export type StyleScope = { app: true } | { page: string } | { component: string }

/**
 * A style sheet of a mini program as CSS that Chromium understands: `rpx` as a share of the screen's width, `@import` in
 * place, and a page's or component's rules kept to it, as WeChat keeps them.
 *
 * @param read the text of a file of the mini program, by its path
 */
export function toCss(path: string, read: (path: string) => string, scope: StyleScope): string {
  const css = inline(path, read).replace(/(-?\d*\.?\d+)rpx\b/g, (_, number) => `calc(${number} * 100vw / 750)`)
  if ('app' in scope) return pageSelectors(css, 'wx-page')
  if ('page' in scope) return `wx-page[route="${scope.page}"] {\n${pageSelectors(css, '&')}\n}\n`
  // Of a component glass-easel writes the classes with its scope before them.
  return css.replace(/[^{}]+(?=\{)/g, (selector) => selector.replace(/\.(?=[a-z_-])/gi, `.${scope.component}--`))
}

/** The name before the classes of a component. */
export const scopeName = (path: string): string => path.replaceAll('/', '-')

const pageSelectors = (css: string, instead: string) =>
  css.replace(/(^|[\s,}>+~])page(?=[\s,.{:#>+~[])/g, `$1${instead}`)

function inline(path: string, read: (path: string) => string): string {
  const text = read(path).replace(/\/\*.*?\*\//gs, '')
  return text.replace(/@import\s+(?:url\()?["']([^"']+)["']\)?\s*;/g, (_, name: string) =>
    inline(name.startsWith('/') ? name.slice(1) : posix.join(posix.dirname(path), name), read),
  )
}
