import type { App } from '../domain/app.ts'
import type { AssertedCaller } from '../domain/assertion.ts'
import type { CloudKey } from '../domain/cloud-key.ts'

/** Whom a cloud function vouches for, with a key that an operator let in. Whether the unionid counts is up to the key. */
export interface AssertedLogin extends AssertedCaller {
  app: App
  key: CloudKey
}

export interface Assertions {
  /** Checks an assertion in every respect but whether it was used before. @throws {ProblemError} `assertion_invalid` */
  read(assertion: string, now: number): Promise<AssertedLogin>
}
