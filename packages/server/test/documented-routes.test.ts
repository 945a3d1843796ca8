import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { OUTBOX_KINDS } from '@hufu/contract/data'
import { newServer } from './fixture/server.ts'

const read = (page: string): string => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')

/** `POST /v1/login` of each route that is mounted, as a document writes it. */
const mounted = ({ routes }: { routes: { method: string; path: string }[] }): string[] =>
  routes
    .filter(({ method, path }) => !['ALL', 'OPTIONS'].includes(method) && path !== '/*')
    .map(({ method, path }) => `${method} ${path.replace('/admin/v1/', '').replace(/:(\w+)/g, '{$1}')}`)

/** The calls in the first cells of a page's tables. A method alone shares the next path; a word alone is another last part. */
function documented(page: string): string[] {
  return [...read(page).matchAll(/^\| (`(?:GET|POST|PATCH|DELETE)\b[^|]*) \|/gm)].flatMap(([, cell = '']) => {
    const said = [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.split(' '))
    const paths = said.map(([word, path]) => path ?? word ?? '')
    return said.map(([first = '', path], at) => {
      if (path !== undefined) return `${first} ${path}`
      if (/^[A-Z]+$/.test(first)) return `${first} ${said.slice(at).find(([, later]) => later !== undefined)?.[1]}`
      return `${said[0]?.[0]} ${paths[0]?.replace(/[^/]*$/, first)}`
    })
  })
}

for (const page of ['api.md', 'api.zh-CN.md']) {
  test(`docs/${page} lists every route of both listeners, and no other`, async (t) => {
    const { service } = await newServer(t)
    const routes = [...mounted(service.app), ...mounted(service.adminApp)]
    assert.deepEqual(documented(page).toSorted(), [...new Set(routes)].toSorted())
  })
}

for (const page of ['library.md', 'library.zh-CN.md']) {
  test(`docs/${page} names everything that the product is told`, () => {
    const said = [...read(page).matchAll(/`(user\.\w+)`/g)].map(([, kind]) => kind)
    assert.deepEqual(said, [...OUTBOX_KINDS])
  })
}
