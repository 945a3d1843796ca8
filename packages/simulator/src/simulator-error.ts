/** Why the simulator refused a request of a test. */
export type SimulatorErrorCode = 'invalid_request' | 'not_found' | 'method_not_allowed'

/** A wrong use of the simulator itself (not an answer of the simulated WeChat). */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
  /** What a program branches on. */
  readonly code: SimulatorErrorCode
  constructor(code: SimulatorErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
