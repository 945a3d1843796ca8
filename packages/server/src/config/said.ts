import { cleanText } from './clean-text.ts'

/** What a source says about one setting: called as whoever made it calls it; clean text, or what is wrong with it. */
export interface Said {
  called: string
  text?: string
  problem?: string
}

/** Empty text says nothing, as in `HUFU_AUDIENCE=`; where it would be a place, it is wrong. */
export function said(called: string, raw: string | undefined, { place }: { place?: true }): Said {
  if (raw === undefined) return { called }
  try {
    const text = cleanText(raw)
    if (text !== '') return { called, text }
    return place ? { called, problem: 'is empty; name a place, or leave it out' } : { called }
  } catch (error) {
    return { called, problem: (error as Error).message }
  }
}
