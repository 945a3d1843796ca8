import { codeOf, newPerson, storedPerson } from '../../world/people.ts'
import type { Dialect, Press } from '../dialects/dialect.ts'

/** Everybody who may sign in to one server. The first of the stored people is the hot one, and comes in no other workload. */
export class Crowd {
  readonly dialect: Dialect
  readonly random: () => number
  readonly #stored: number
  #serial = 0
  #newcomers = 0

  /** @param stored people whom the server's database held before the run */
  constructor(dialect: Dialect, stored: number, random: () => number) {
    this.dialect = dialect
    this.random = random
    this.#stored = stored
  }

  hotPerson = (): number => storedPerson(0)

  personWithFew = (): number => storedPerson(1)

  returningPerson = (): number => storedPerson(1 + Math.floor(this.random() * (this.#stored - 1)))

  /** Somebody whom the server has never seen. */
  newPerson = (): number => newPerson(this.#newcomers++, this.#stored)

  press(person: number, appId: string, { tellsUnionid = true } = {}): Press {
    return { appId, person, code: codeOf(person, this.#serial++, { tellsUnionid }) }
  }
}
