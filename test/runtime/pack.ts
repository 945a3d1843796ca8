import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import { type StyleScope, scopeName, toCss } from './wxss.ts'

/** A mini program in the form that the host page loads. */
export interface Program {
  script: string
  css: string
  /** What WeChat's own template compiler has to say about the templates; a good program leaves it empty. */
  warnings: string[]
}

/** Names that the logic layer of a mini program does not have, and a browser does: shadowed by parameters. */
const absent =
  'window,document,location,navigator,self,frames,parent,top,fetch,XMLHttpRequest,WebSocket,Worker,localStorage,' +
  'sessionStorage,indexedDB,caches,crypto,URL,URLSearchParams,TextEncoder,TextDecoder,Blob,FormData,alert,process,Buffer'
const given = 'require,module,exports,App,Page,Component,Behavior,getApp,getCurrentPages,wx,global'

/**
 * Compiles a mini program, source or build output, for the host page.
 *
 * @param folder where app.json is
 * @param more files to add or to put in place of others, by their path: an npm package, another configuration
 */
export function pack(folder: string, more: Readonly<Record<string, string>> = {}): Program {
  const onDisk = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)node_modules\//.test(path))
  const isPackage = (path: string) => path.startsWith('miniprogram_npm/')
  // A package that is put in place takes the place of all that 构建 npm may have left there.
  const kept = Object.keys(more).some(isPackage) ? onDisk.filter((path) => !isPackage(path)) : onDisk
  const paths = [...new Set([...kept, ...Object.keys(more)])].sort()
  const bytes = (path: string) => readFileSync(join(folder, path))
  const read = (path: string) => more[path] ?? bytes(path).toString()
  const ending = (end: string) => paths.filter((path) => path.endsWith(end))

  const templates = new TmplGroup()
  for (const path of ending('.wxs')) templates.addScript(stem(path), read(path))
  const warnings = ending('.wxml').flatMap((path) =>
    (templates.addTmpl(stem(path), read(path)) ?? []).map((one: unknown) => `${path}: ${JSON.stringify(one)}`),
  )
  templates.addTmpl(slot, '<slot/>')

  const json = Object.fromEntries(ending('.json').map((path) => [stem(path), JSON.parse(read(path))]))
  const modules = ending('.js').map(
    (path) => `${JSON.stringify(stem(path))}: function (${given},${absent}) {${read(path)}\n}`,
  )
  const images = ending('.png').map((path) => [path, `data:image/png;base64,${bytes(path).toString('base64')}`])
  const components = Object.keys(json).filter((path) => json[path].component)
  const scopes = Object.fromEntries(components.map((path) => [path, scopeName(path)]))
  const script = `window.PROGRAM = {
    modules: {${modules.join(',\n')}},
    json: ${JSON.stringify(json)},
    images: ${JSON.stringify(Object.fromEntries(images))},
    slot: ${JSON.stringify(slot)},
    scopes: ${JSON.stringify(scopes)},
    templates: (() => (${templates.getTmplGenObjectGroups()}))(),
  }`
  const css = ending('.wxss')
    .filter((path) => path === 'app.wxss' || json[stem(path)] !== undefined)
    .sort((a, b) => Number(b === 'app.wxss') - Number(a === 'app.wxss'))
    .map((path) => toCss(path, read, scopeOf(stem(path), json[stem(path)])))
    .join('\n')
  return { script, css, warnings }
}

/** The template of everything that only holds its children. */
const slot = 'host/slot'

const stem = (path: string) => path.replace(/\.[^.]+$/, '')

function scopeOf(path: string, config: { component?: boolean }): StyleScope {
  if (path === 'app') return { app: true }
  return config.component ? { component: scopeName(path) } : { page: path }
}
