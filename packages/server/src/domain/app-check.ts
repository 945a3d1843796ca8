/** The same sentence for both readers. */
interface Sentence {
  en: string
  zh: string
}

/** What WeChat says to an AppID and its AppSecret. */
export type AppCheck =
  | { verdict: 'accepted' }
  | {
      /** `refused`: they do not belong together; `unknown`: WeChat did not say. */
      verdict: 'refused' | 'unknown'
      /** WeChat's number, where it gave one. */
      errcode?: number
      cause: Sentence
      cure: Sentence
      /** The address that WeChat saw, where it refuses that. */
      seenAddress?: string
    }
