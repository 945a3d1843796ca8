import { openidOf } from '../../world/people.ts'
import { expectWords, poster } from '../exchange.ts'
import type { Dialect } from './dialect.ts'

const post = poster('/api/auth/sign-in/mini-program')

export const betterAuth: Dialect = {
  logIn: ({ person, code }) => ({
    request: post(`{"code":"${code}"}`),
    makesSession: true,
    read: (answer) => expectWords(answer, openidOf(person)),
  }),
}
