import { cleanText } from './clean-text.ts'

/** What a source says about one setting: called as whoever made it calls it; clean text, or what is wrong with it. */
export interface RawSetting {
  called: string
  text?: string
  problem?: string
}

/** Empty text says nothing, as in `HUFU_AUDIENCE=`; where it would be a path, it is wrong. */
export function rawSetting(called: string, raw: string | undefined, { isPath }: { isPath?: true }): RawSetting {
  if (raw === undefined) return { called }
  try {
    const text = cleanText(raw)
    if (text !== '') return { called, text }
    return isPath ? { called, problem: 'is empty; name a path, or leave it out' } : { called }
  } catch (error) {
    return { called, problem: (error as Error).message }
  }
}
