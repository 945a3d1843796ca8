import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { barChart } from '../../bench/report/bar-chart.ts'
import type { Chart, Figure } from '../../bench/report/figure.ts'
import { type Run, report } from '../../bench/report/report.ts'

const ratio = (median: number, asked?: Figure['asked']): Figure => ({
  ...{ what: 'speed ÷ floor', unit: 'ratio', median, low: median, high: median, detail: 'behind' },
  ...(asked ? { asked } : {}),
})
const chart: Chart = {
  name: 'logins',
  title: 'Logins <& "more">',
  unit: ' ms',
  bars: [
    { name: 'floor & co', isOurs: false, median: 4000, low: 3900, high: 4100 },
    { name: 'Hufu', isOurs: true, median: 3600, low: 3500, high: 3700 },
  ],
}

function runWith(figures: Figure[], load = 0): Run {
  const machine = { processors: 2, model: 'some <processor>', memoryGiB: 8, platform: 'linux x64', node: 'v24' }
  return { at: new Date(0), machine, load, options: {}, findings: { part: { figures, charts: [chart], raw: {} } } }
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('the exit code is 1 exactly when a target is missed, or was not measured', (t) => {
  const folder = newFolder(t)
  const codeOf = (...figures: Figure[]) => report(runWith(figures), folder).exitCode
  assert.equal(codeOf(ratio(0.9, { least: 0.9 }), ratio(1.5, { most: 1.5 }), ratio(0.1)), 0)
  assert.equal(codeOf(ratio(0.89, { least: 0.9 }), ratio(1, { least: 0.9 })), 1)
  assert.equal(codeOf(ratio(1.51, { most: 1.5 })), 1)
  assert.equal(codeOf(ratio(Number.NaN, { least: 0.9 })), 1)
})

test('the table has each figure beside what is asked of it', (t) => {
  const { text } = report(runWith([ratio(0.85, { least: 0.9 }), ratio(2.7, { least: 2.5 })]), newFolder(t))
  assert.match(text, /speed ÷ floor +0\.85 × +≥ 0\.9 +MISSED +behind/)
  assert.match(text, /speed ÷ floor +2\.70 × +≥ 2\.5 +holds +behind/)
  assert.match(text, /1 of 2 targets hold/)
  assert.doesNotMatch(text, /busy/)
})

test('a machine that was busy before is said to be, in the text and in the chart', (t) => {
  const folder = newFolder(t)
  assert.match(report(runWith([], 2.5), folder).text, /machine was busy .*2\.5/)
  assert.match(readFileSync(join(folder, 'charts', 'logins.svg'), 'utf8'), /busy/)
})

test('everything is written down: results and charts', (t) => {
  const folder = newFolder(t)
  report(runWith([ratio(1)]), folder)
  const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  assert.equal(results.figures[0].median, 1)
  assert.equal(results.machine.processors, 2)
  assert.deepEqual(readdirSync(join(folder, 'charts')), ['logins.svg'])
})

/** Reads XML as strictly as a browser reads an image: every element closed in its order, nothing unescaped. */
function elementsOf(xml: string): { name: string; attributes: Record<string, string> }[] {
  const elements: { name: string; attributes: Record<string, string> }[] = []
  const open: string[] = []
  const rest = xml.replace(
    /<(\/?)(\w+)((?: [\w-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>/g,
    (_, close, name, words, self) => {
      if (close) assert.equal(open.pop(), name)
      else {
        const pairs = [...words.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])
        elements.push({ name, attributes: Object.fromEntries(pairs) })
        if (!self) open.push(name)
      }
      return ''
    },
  )
  assert.deepEqual(open, [])
  assert.doesNotMatch(rest.replace(/&#\d+;/g, ''), /[<>&]/)
  return elements
}

test('a chart is well-formed, whatever the names are, and its bars are as long as the numbers say', () => {
  const elements = elementsOf(barChart(chart, 'some <processor>'))
  const bars = elements.filter(({ attributes }) => /^(bar|ours)$/.test(attributes.class ?? ''))
  assert.deepEqual(
    bars.map(({ attributes }) => attributes.class),
    ['bar', 'ours'],
  )
  const [floor = 0, ours = 0] = bars.map(({ attributes }) => Number(attributes.width))
  assert.ok(Math.abs(ours / floor - 0.9) < 0.001)
  const [svg] = elements
  const [, , width = 0, height = 0] = svg?.attributes.viewBox?.split(' ').map(Number) ?? []
  for (const { attributes } of elements) {
    assert.ok(Number(attributes.x ?? 0) + Number(attributes.width ?? 0) <= width)
    assert.ok(Number(attributes.y ?? 0) + Number(attributes.height ?? 0) <= height)
  }
})

test('a chart brings its ground and its text in both colour schemes', () => {
  const text = barChart(chart, '')
  const scheme = (part: string) =>
    Object.fromEntries([...part.matchAll(/--(\w+): (#\w+)/g)].map(([, name, colour]) => [name, colour]))
  const [light = '', dark = ''] = text.split('prefers-color-scheme: dark')
  assert.deepEqual(Object.keys(scheme(light)), Object.keys(scheme(dark)))
  for (const colours of [scheme(light), scheme(dark)]) {
    assert.ok(contrast(colours.text ?? '', colours.ground ?? '') >= 4.5)
    assert.ok(contrast(colours.quiet ?? '', colours.ground ?? '') >= 4.5)
    assert.ok(contrast(colours.ours ?? '', colours.ground ?? '') >= 3)
  }
})

/** WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((first, second) => first - second)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
