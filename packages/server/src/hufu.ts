import type { WholeUser } from '@hufu/contract'
import type { Person } from './usecases/authenticate.ts'
import type { SignedIn } from './usecases/login-result.ts'

/** What somebody sends to log in. */
export interface LogInInput {
  /** The app that the code was made for. */
  appId: string
  /** The code of `wx.login`, or of WeChat's OAuth page or SDK. Works once; the same within 60 s gives the same session. */
  code: string
  /** 16–64 URL-safe characters, fresh for each login: with one, only who sends it again may repeat the code. */
  nonce?: string
  /**
   * IP address of the caller, with a port or without. With one, `loginLimit` counts this login against their address block, as `POST /v1/login`
   * does; without one no limit applies, and limiting is yours.
   */
  clientAddress?: string
}

/** Hufu inside an application: the same routes, and the use cases as methods. */
export interface Hufu {
  /**
   * Answers `/v1/…`, `/.well-known/…`, `/healthz` and `/readyz`. Never rejects: what goes wrong is a problem document.
   *
   * @param env what the server that calls knows about the connection; Hono's Node server hands it on
   */
  fetch(request: Request, env?: unknown): Promise<Response>
  /**
   * Turns a code into a session, making the user at the first visit.
   *
   * @throws {ProblemError} as `POST /v1/login` refuses; `invalid_request` when the input is not as above
   */
  logIn(input: LogInInput): Promise<SignedIn>
  /**
   * The next tokens of a session. Not limited by address.
   *
   * @throws {ProblemError} as `POST /v1/refresh` refuses
   */
  refresh(refreshToken: string): Promise<SignedIn>
  /**
   * Whose access token this is, if the session still lives: a logout, a block or a deletion counts at once.
   *
   * @throws {ProblemError} `token_invalid`, `token_expired`, `user_blocked`
   */
  authenticate(accessToken: string): Promise<Person>
  /**
   * A user with their identities; a former id answers with the user that survived. Undefined when there is none.
   *
   * @param userId `usr_…`
   * @throws {ProblemError} `invalid_request` when it is not the form of a user id
   */
  user(userId: string): Promise<WholeUser | undefined>
  /**
   * Bars a user from every app of the realm and ends their sessions.
   *
   * @throws {ProblemError} `invalid_request`, `not_found`
   */
  blockUser(userId: string): Promise<void>
  /**
   * Lets a blocked user log in again.
   *
   * @throws {ProblemError} `invalid_request`, `not_found`
   */
  unblockUser(userId: string): Promise<void>
  /**
   * Ends every session of a user and says how many there were. Access tokens count as ended at once here, and until they
   * expire (15 minutes) where only their signature is checked.
   *
   * @throws {ProblemError} `invalid_request`, `not_found`
   */
  endSessions(userId: string): Promise<number>
  /** Finishes what is under way and closes the database. Nothing works afterwards. */
  close(): Promise<void>
}
