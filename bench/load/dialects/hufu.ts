import { openidOf } from '../../world/people.ts'
import { type Answer, type Exchange, expectWords, getRequest, poster } from '../exchange.ts'
import type { Dialect } from './dialect.ts'

const postLogin = poster('/v1/login')
const postRefresh = poster('/v1/refresh')

/** What an app keeps of its session. */
export interface Tokens {
  accessToken: string
  refreshToken: string
}

/** Ours, and everything else that takes the same login: the floor, the tutorial, the glue. */
export const hufu: Dialect = {
  logIn: ({ appId, person, code }, then) => ({
    request: postLogin(`{"appId":"${appId}","code":"${code}","nonce":"bench-nonce-0123456789"}`),
    makesSession: true,
    read(answer) {
      expectWords(answer, openidOf(person, appId))
      then?.(answer)
    },
  }),
}

export const refresh = (refreshToken: string, then: (answer: Answer) => void): Exchange => ({
  request: postRefresh(`{"refreshToken":"${refreshToken}"}`),
  makesSession: false,
  read(answer) {
    expectWords(answer, 'refreshToken')
    then(answer)
  },
})

/** A token check: who calls? */
export const askWhoIAm = (accessToken: string): Exchange => ({
  request: getRequest('/v1/me', `authorization: Bearer ${accessToken}\r\n`),
  makesSession: false,
  read: (answer) => expectWords(answer, 'identities'),
})
