import { APP_ID, OTHER_APP_ID } from '../../world/people.ts'
import { askWhoIAm, refresh, type Tokens } from '../dialects/hufu.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { Crowd } from './crowd.ts'

/** Sessions that are remembered: few enough to be young, many enough that one is always free. */
const MOST_SESSIONS = 2000
const PERIOD = 100
/** Of every hundred requests, in an order that spreads them. */
const SHARES = { refresh: 5, check: 20, firstLogin: 2 }

/**
 * 5 % refreshes, 20 % token checks, 1 % unifications and, so that there is somebody to unify, 2 % logins that make the two
 * users; 2 % further first logins; the rest are people who return. Only a server with our routes can answer it.
 */
export function mix(crowd: Crowd): () => Exchange {
  const sessions: Tokens[] = []
  const apart: number[] = []
  const inBothApps: number[] = []
  let turn = 0

  const keep = ({ body }: Answer): void => {
    const { accessToken, refreshToken } = JSON.parse(body)
    if (sessions.length < MOST_SESSIONS) sessions.push({ accessToken, refreshToken })
  }
  const logIn = (person: number, { appId = APP_ID, tellsUnionid = true, answered = keep } = {}): Exchange =>
    crowd.dialect.logIn(crowd.press(person, appId, { tellsUnionid }), answered)
  const stranger = (): Exchange => {
    const person = crowd.newPerson()
    return logIn(person, { tellsUnionid: false, answered: () => void apart.push(person) })
  }
  const inOtherApp = (person: number): Exchange =>
    logIn(person, { appId: OTHER_APP_ID, answered: () => void inBothApps.push(person) })
  const comeBack = (): Exchange => logIn(crowd.returningPerson())

  return () => {
    const place = (turn++ * 37) % PERIOD
    if (place === 0) return stranger()
    if (place === 1) return ifAny(apart.shift(), inOtherApp) ?? comeBack()
    if (place === 2) return ifAny(inBothApps.shift(), (person) => logIn(person)) ?? comeBack()
    if (place < 3 + SHARES.refresh)
      return ifAny(sessions.shift(), (one) => refresh(one.refreshToken, keep)) ?? comeBack()
    if (place < 3 + SHARES.refresh + SHARES.check) {
      const one = sessions[Math.floor(crowd.random() * sessions.length)]
      return ifAny(one, ({ accessToken }) => askWhoIAm(accessToken)) ?? comeBack()
    }
    return place >= PERIOD - SHARES.firstLogin ? logIn(crowd.newPerson()) : comeBack()
  }
}

const ifAny = <One, Made>(one: One | undefined, make: (one: One) => Made): Made | undefined =>
  one === undefined ? undefined : make(one)
