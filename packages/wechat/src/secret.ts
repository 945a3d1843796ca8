/**
 * A value that cannot leave by accident: printed, joined to text, serialised or cloned, it is a placeholder.
 *
 * The name is part of the type, so an AppSecret cannot be passed where a session key is meant.
 */
export class Secret<Name extends string> {
  /** What it is, for the placeholder and for the compiler. */
  readonly name: Name
  readonly #value: string

  constructor(name: Name, value: string) {
    this.name = name
    this.#value = value
  }

  /** The raw value. Each call is a way out for the secret: keep them few and easy to find. */
  reveal(): string {
    return this.#value
  }

  /** The placeholder. */
  toString(): string {
    return `[${this.name}]`
  }

  /** A throw here would turn a log line into an outage. */
  toJSON(): string {
    return this.toString()
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** What proves to WeChat that a call comes from the owner of an app. */
export type AppSecret = Secret<'AppSecret'>
/** WeChat's key for one person in one app: base64 of 16 bytes. Whoever holds it can forge data "from WeChat". */
export type SessionKey = Secret<'SessionKey'>
