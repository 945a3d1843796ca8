import type { Bar, Chart } from './figure.ts'

const WIDTH = 760
const LEFT = 270
const RIGHT = 110
const TOP = 64
const STEP = 34
const BAR = 20

/** Colours of its own on a ground of its own: readable whatever the page around it looks like. */
const STYLE = `
  svg { --ground: #ffffff; --text: #1f2328; --quiet: #59636e; --bar: #9aa4af; --ours: #c2410c; --line: #1f2328 }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --text: #f0f6fc; --quiet: #9198a1; --bar: #545d68; --ours: #f0883e; --line: #f0f6fc }
  }
  text { font: 14px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif; fill: var(--text) }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { font-size: 12px; fill: var(--quiet) }
  .ground { fill: var(--ground) }
  .bar { fill: var(--bar) }
  .ours { fill: var(--ours) }
  .whisker { stroke: var(--line); stroke-width: 1.5; fill: none }
`

/** Bars side by side, each with its median and a whisker over the middle half of what was measured. An SVG document. */
export function barChart({ title, unit, bars }: Chart, subtitle: string): string {
  const height = TOP + bars.length * STEP + 12
  const most = Math.max(...bars.map(({ median, high }) => Math.max(median, high)))
  const scale = (value: number): number => Math.round((value / most) * (WIDTH - LEFT - RIGHT) * 10) / 10
  const said = bars.map(({ name, median }) => `${name} ${number(median)}${unit}`).join(', ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(`${title}: ${said}`)}</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="16" y="26">${escaped(title)}</text>
<text class="quiet" x="16" y="46">${escaped(subtitle)}</text>
${bars.map((bar, at) => row(bar, TOP + at * STEP, unit, scale)).join('\n')}
</svg>
`
}

function row(
  { name, isOurs, median, low, high }: Bar,
  y: number,
  unit: string,
  scale: (value: number) => number,
): string {
  const middle = y + BAR / 2
  const [from, to] = [LEFT + scale(low), LEFT + scale(high)]
  return `<text x="${LEFT - 10}" y="${middle + 5}" text-anchor="end">${escaped(name)}</text>
<rect class="${isOurs ? 'ours' : 'bar'}" x="${LEFT}" y="${y}" width="${scale(median)}" height="${BAR}" rx="2"/>
<path class="whisker" d="M${from} ${middle - 5}v10M${from} ${middle}H${to}M${to} ${middle - 5}v10"/>
<text x="${Math.max(to, LEFT + scale(median)) + 8}" y="${middle + 5}">${number(median)}${escaped(unit)}</text>`
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
