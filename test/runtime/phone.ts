import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFakeWx, type FakeWx, type FakeWxOptions } from '@hufu/simulator/wx'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mts'
import type { Program } from './pack.ts'

/** Screenshots land here; they are looked at by people and compared with nothing. */
const artefacts = fileURLToPath(new URL('../../.artefacts/runtime', import.meta.url))

/** Where Chromium is; nothing when these tests cannot run on this machine. */
export const executablePath: string | undefined = findChromium()

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Phone {
  /** What the app asked of WeChat, and the faults and people of the test. */
  fake: FakeWx
  page: Page
  /** Elements of the page that is on the screen. */
  find(selector: string): Locator
  tap(text: string): Promise<void>
  /** Waits until this text is on the screen. */
  see(text: string): Promise<void>
  /** The text of an element, once it is there. */
  textOf(selector: string): Promise<string>
  tab(name: string): Promise<void>
  /** Closes the app and opens it again: storage stays, memory is gone. */
  restart(): Promise<void>
  screenshot(name: string): Promise<void>
  /** Errors that nobody caught, and what was printed with console.error. */
  errors: string[]
  /** What was printed with console.warn: glass-easel says there what a template does wrong. */
  warnings: string[]
  close(): Promise<void>
}

/** Opens a mini program on a phone: a screen in Chromium, with a fake `wx` behind it in this process. */
export async function openPhone(browser: Browser, program: Program, wx: FakeWxOptions): Promise<Phone> {
  const fake = createFakeWx(wx)
  const context = await browser.newContext({
    viewport: { width: 375, height: 740 },
    deviceScaleFactor: 2,
    hasTouch: true,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  })
  context.setDefaultTimeout(120_000) // a machine under load is slow, not wrong
  const page = await context.newPage()
  const errors: string[] = []
  const warnings: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text())
    if (line.type() === 'warning') warnings.push(line.text())
  })
  await page.exposeFunction('__native', (name: string, options: object) => native(fake, name, options))
  const { appId, envVersion = 'develop' } = wx
  await page.addInitScript(`window.DEVICE = ${JSON.stringify({ account: { appId, envVersion, version: '' } })}`)
  const files = filesOf(program)
  await page.route('**/*', (route) => {
    const found = files[new URL(route.request().url()).pathname]
    return found ? route.fulfill(found) : route.fulfill({ status: 404 })
  })
  await page.goto('http://mini.program/')

  const find = (selector: string) => page.locator('.host-pages > wx-page:not([hidden])').locator(selector)
  return {
    fake,
    page,
    find,
    tap: (text) => find(`:text("${text}")`).last().tap(),
    see: (text) => find(`:text("${text}")`).first().waitFor(),
    textOf: (selector) => find(selector).innerText(),
    tab: (name) => page.locator('.host-tab', { hasText: name }).tap(),
    async restart() {
      await page.reload()
    },
    async screenshot(name) {
      mkdirSync(artefacts, { recursive: true })
      await page.screenshot({ path: join(artefacts, `${name}.png`) })
    },
    errors,
    warnings,
    close: () => context.close(),
  }
}

type Native = (options: object) => unknown

/** One call of the page's `wx` that leaves the phone; its callbacks stay here, and one answer goes back. */
function native({ wx }: FakeWx, name: string, options: object): Promise<object> {
  const calls: Record<string, Native> = {
    login: (given) => wx.login(given),
    checkSession: (given) => wx.checkSession(given),
    request: (given) => wx.request({ url: '', ...given }),
    callFunction: (given) => wx.cloud.callFunction({ name: '', ...given }),
    callContainer: (given) => wx.cloud.callContainer({ path: '', ...given }),
  }
  return new Promise((resolve) => {
    const success = (result: unknown) => resolve({ result })
    const fail = (failure: unknown) => resolve({ failure })
    calls[name]?.({ ...options, success, fail })
  })
}

const require = createRequire(import.meta.url)
const hostFile = (name: string) => readFileSync(new URL(`host/${name}`, import.meta.url), 'utf8')
const asGlobal = (name: string, text: string) =>
  `window.${name} = ((module, require) => { ((exports) => {${text}\n})(module.exports); return module.exports })({ exports: {} }, () => glassEasel)`

/** Everything that the host page loads, by path. */
function filesOf({ script, css }: Program): Record<string, { contentType: string; body: string }> {
  const scripts = {
    '/glass-easel.js': asGlobal('glassEasel', readFileSync(require.resolve('glass-easel'), 'utf8')),
    '/adapter.js': asGlobal('adapter', readFileSync(require.resolve('glass-easel-miniprogram-adapter'), 'utf8')),
    '/program.js': script,
    '/screen.js': hostFile('screen.js'),
    '/wx.js': hostFile('wx.js'),
    '/engine.js': hostFile('engine.js'),
  }
  const html = `<!doctype html><html lang="zh-CN"><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
    <style>${hostFile('host.css')}\n${css}</style><body>
    ${Object.keys(scripts)
      .map((path) => `<script src="${path}"></script>`)
      .join('\n')}`
  return {
    '/': { contentType: 'text/html; charset=utf-8', body: html },
    ...Object.fromEntries(
      Object.entries(scripts).map(([path, body]) => [path, { contentType: 'text/javascript; charset=utf-8', body }]),
    ),
  }
}
