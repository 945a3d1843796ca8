import type { AppKind } from '../../domain/app.ts'
import type { Exchange } from './exchange.ts'
import { miniProgramExchange } from './mini-program-exchange.ts'
import { oauthExchange } from './oauth-exchange.ts'

/** A kind of app without a line here does not compile. */
export const EXCHANGES = {
  miniprogram: miniProgramExchange,
  'official-account': oauthExchange,
  website: oauthExchange,
  mobile: oauthExchange,
} as const satisfies Record<AppKind, Exchange>
