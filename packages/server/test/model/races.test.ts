import { test } from 'node:test'
import { type Course, checkRaces, firstLogins, inOneProcess, inProcesses, setRace, unifications } from './races.ts'
import { postgresStage, sqliteStage } from './stage.ts'

const courses: Record<string, () => Promise<Course>> = {
  async SQLite() {
    const stage = await sqliteStage()
    return { stage, race: inOneProcess(stage), most: 100, within: 6000, end: () => stage.close() }
  },
  async 'PostgreSQL, through four processes'() {
    const stage = await postgresStage()
    const { race, end } = await inProcesses(stage.url, 4)
    const close = async (): Promise<void> => {
      end()
      await stage.close()
    }
    return { stage, race, most: 100, within: 5000, end: close }
  },
}

for (const [name, open] of Object.entries(courses)) {
  test(`T15 ${name}: two hundred logins at once make one user each round, and no error`, async (t) => {
    const course = await open()
    let people = 0
    const run = (what: string, race: () => Promise<number>) =>
      t.test(what, async (part) => {
        const rounds = await race()
        part.diagnostic(`${rounds} rounds`)
        people += rounds
      })
    try {
      await setRace(course.stage)
      await run('first logins in one app', () => firstLogins(course, 1, false))
      await run('first logins in two apps with one unionid', () => firstLogins(course, 2, true))
      await run('logins that unify twenty users', () => unifications(course))
      await t.test('the tables themselves agree', () => checkRaces(course.stage, people))
    } finally {
      await course.end()
    }
  })
}
