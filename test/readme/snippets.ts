import { readFileSync } from 'node:fs'

export interface Snippet {
  /** What the comment above it says: `run`, `run: start`, `check: nginx`; undefined where there is none. */
  mark: string | undefined
  language: string
  text: string
}

/** The fenced blocks of a page, in order. A comment `<!-- run -->` above one says how it is tried. */
export function snippetsOf(file: string): Snippet[] {
  const page = readFileSync(file, 'utf8')
  const fenced = /(?:<!-- ([^\n]*?) -->\n)?```(\w*)\n(.*?)```/gs
  return [...page.matchAll(fenced)].map(([, mark, language = '', text = '']) => ({ mark, language, text }))
}
