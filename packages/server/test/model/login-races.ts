import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoginFacts, LoginOutcome } from '../../src/ports/logins.ts'
import { MORNING } from '../fixture/time.ts'
import { checkDatabase } from './invariants.ts'
import { loginFacts, type Visit } from './login-facts.ts'
import type { Raced } from './login-process.ts'
import { rounds } from './rounds.ts'
import { addApp, addRealm } from './state.ts'
import type { StoreFixture } from './store-fixture.ts'

/** Where logins race, and how often: `most` rounds or, outside the deep run, what fits into `within` milliseconds. */
export interface Race {
  fixture: StoreFixture
  commitAll: CommitAll
  most: number
  within: number
  end(): Promise<void>
}

/** Begins many logins at once and waits for all of them. */
export type CommitAll = (logins: LoginFacts[]) => Promise<Raced[]>

export const inOneProcess =
  ({ store }: StoreFixture): CommitAll =>
  (logins) =>
    Promise.all(logins.map(async (facts) => ({ outcome: await store.logins.commit(facts) })))

/** Each login goes to another of several processes on one database. */
export async function inProcesses(url: string, count: number): Promise<{ commitAll: CommitAll; end(): void }> {
  const program = fileURLToPath(new URL('./login-process.ts', import.meta.url))
  const processes = Array.from({ length: count }, () => fork(program, [url], { serialization: 'advanced' }))
  await Promise.all(processes.map((child) => once(child, 'message')))
  return {
    async commitAll(logins) {
      const raced = processes.map(async (child, turn) => {
        const answer = once(child, 'message')
        child.send(logins.filter((_, place) => place % count === turn))
        const [done]: Raced[][] = await answer
        return done ?? []
      })
      return (await Promise.all(raced)).flat()
    },
    end: () => {
      for (const child of processes) child.disconnect()
    },
  }
}

const AT_ONCE = 200
const REALM = 'one'
const APPS = Array.from({ length: 20 }, (_, app) => `wx-race-${app}`)

export async function addRaceApps(fixture: StoreFixture): Promise<void> {
  await addRealm(fixture.store, REALM, MORNING)
  for (const app of APPS) await addApp(fixture.store, app, REALM, MORNING)
}

let requests = 0
const visit = (app: number, person: string, unionid: string | undefined): LoginFacts => {
  const who: Visit = { app: APPS[app] ?? '', realm: REALM, openid: `o-${person}-${app}`, unionid }
  return loginFacts(who, MORNING + ++requests, `req ${requests}`)
}

/** All at once: `AT_ONCE` logins of one person, by turns in each of `apps` apps. */
const crowd = (apps: number, person: string, unionid: string | undefined): LoginFacts[] =>
  Array.from({ length: AT_ONCE }, (_, place) => visit(place % apps, person, unionid))

function outcomesOf(raced: Raced[]): LoginOutcome[] {
  return raced.map((one) => {
    assert.ok('outcome' in one, 'error' in one ? one.error : '')
    return typeof one.outcome === 'object' ? one.outcome : assert.fail(one.outcome)
  })
}

/** Nobody knows this person; then everybody does. */
export async function firstLogins({ commitAll, most, within }: Race, apps: number, bound: boolean): Promise<number> {
  let people = 0
  for (const round of rounds(most, within)) {
    const person = `first-${apps}-${bound}-${round}`
    const outcomes = outcomesOf(await commitAll(crowd(apps, person, bound ? `u-${person}` : undefined)))
    assert.equal(outcomes.length, AT_ONCE)
    assert.equal(new Set(outcomes.map(({ user }) => user.id)).size, 1)
    assert.equal(outcomes.filter(({ decision }) => decision === 'create').length, 1)
    assert.equal(outcomes.filter(({ decision }) => decision === 'link').length, apps - 1)
    people++
  }
  return people
}

/** A user in each of twenty apps, until WeChat says in all of them at once that they are one person. */
export async function unifications({ fixture, commitAll, most, within }: Race): Promise<number> {
  let people = 0
  for (const round of rounds(most, within)) {
    const person = `late-${round}`
    const strangers = outcomesOf(await commitAll(APPS.map((_, app) => visit(app, person, undefined))))
    const ids = strangers.map(({ user }) => user.id)
    assert.equal(new Set(ids).size, APPS.length)
    const outcomes = outcomesOf(await commitAll(crowd(APPS.length, person, `u-${person}`)))
    assert.ok(outcomes.every(({ hasSession }) => hasSession))
    const now = await fixture.rows('SELECT DISTINCT user_id FROM identities WHERE openid LIKE ?', `o-${person}-%`)
    assert.equal(now.length, 1)
    const eldest = ids.toSorted()[0]
    assert.equal(now[0]?.user_id, eldest)
    for (const id of ids) assert.equal((await fixture.store.users.find(id))?.user.id, eldest)
    people++
  }
  return people
}

/** As many users as there were people, as the tables have it. */
export async function checkRaces(fixture: StoreFixture, people: number): Promise<void> {
  await checkDatabase(fixture)
  const [live] = await fixture.rows("SELECT COUNT(*) AS n FROM users WHERE status = 'active'")
  assert.equal(Number(live?.n), people)
}
