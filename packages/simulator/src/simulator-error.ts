/** What kind of mistake was made in using the simulator. */
export type SimulatorErrorCode = 'invalid_request' | 'not_found' | 'method_not_allowed'

/** A wrong use of the simulator itself (not an answer of the simulated WeChat). */
export class SimulatorError extends Error {
  /** To tell it from other errors. */
  override readonly name = 'SimulatorError'
  /** To branch on; the message is for people. */
  readonly code: SimulatorErrorCode
  constructor(code: SimulatorErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
