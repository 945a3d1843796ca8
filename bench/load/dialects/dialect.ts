import type { Answer, Exchange } from '../exchange.ts'

/** One press of the button, on one person's phone. */
export interface Press {
  appId: string
  person: number
  code: string
}

/** How a server wants to be spoken to. */
export interface Dialect {
  /** A login that is checked to be this person's; `then` sees a good answer. */
  logIn(press: Press, then?: (answer: Answer) => void): Exchange
}
