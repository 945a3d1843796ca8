import { test } from 'node:test'
import {
  addRaceApps,
  checkRaces,
  firstLogins,
  inOneProcess,
  inProcesses,
  type Race,
  unifications,
} from './login-races.ts'
import { postgresStore, sqliteStore } from './store-fixture.ts'

const races: Record<string, () => Promise<Race>> = {
  async SQLite() {
    const fixture = await sqliteStore()
    return { fixture, commitAll: inOneProcess(fixture), most: 100, within: 6000, end: () => fixture.close() }
  },
  async 'PostgreSQL, through four processes'() {
    const fixture = await postgresStore()
    const { commitAll, end } = await inProcesses(fixture.url, 4)
    const close = async (): Promise<void> => {
      end()
      await fixture.close()
    }
    return { fixture, commitAll, most: 100, within: 5000, end: close }
  },
}

for (const [name, open] of Object.entries(races)) {
  test(`T15 ${name}: given two hundred logins of one person at once, then there is one user and no error`, async (t) => {
    const race = await open()
    let people = 0
    const run = (what: string, rounds: () => Promise<number>) =>
      t.test(what, async (part) => {
        const done = await rounds()
        part.diagnostic(`${done} rounds`)
        people += done
      })
    try {
      await addRaceApps(race.fixture)
      await run('first logins in one app', () => firstLogins(race, 1, false))
      await run('first logins in two apps with one unionid', () => firstLogins(race, 2, true))
      await run('logins that unify the twenty users of one person', () => unifications(race))
      await t.test('the tables hold as many users as there were people', () => checkRaces(race.fixture, people))
    } finally {
      await race.end()
    }
  })
}
