import { hash } from 'node:crypto'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Everything that WeChat would make up, derived from a seed: the same seed gives the same world. */
export type Ids = {
  /** 28 characters; the first six are shared by all people of one app. */
  openid(appId: string, person: string): string
  /** 28 characters; one per person and Open Platform account. */
  unionid(openAccount: string, person: string): string
  /** The n-th code of a person in an app: `0`, two digits, 29 letters and digits. */
  code(appId: string, person: string, n: number): string
  /** 64 hexadecimal digits, as phone codes look. */
  phoneCode(appId: string, person: string, n: number): string
  /** Base64 of 16 bytes. */
  sessionKey(appId: string, person: string, n: number): string
  /** Base64 of the 16 bytes that start an encryption. */
  iv(appId: string, person: string, n: number): string
  /** `NN_` and 86 URL-safe characters, as access and refresh tokens look. */
  token(purpose: string, n: number): string
  /** A mainland mobile number for a person who was given none. */
  phone(person: string): string
}

export function createIds(seed: string, codeSeed: string): Ids {
  const key = hash('sha256', `hufu-simulator\n${seed}`)
  // The key and the parts never hold a line feed, so two different lists of parts cannot read the same. Node's HMAC
  // costs twenty times this hash and would guard nothing more: whoever knows the seed knows this world anyway.
  const derive = (...parts: (string | number)[]) => hash('sha256', `${key}\n${parts.join('\n')}`, 'buffer')
  const codeKey = hash('sha256', codeSeed)
  const shaped = (scope: string, id: string, person: string) =>
    `o${derive(scope, id).toString('base64url').slice(0, 5)}${derive(scope, id, person).toString('base64url').slice(0, 22)}`
  const base64 = (...parts: (string | number)[]) => derive(...parts).toString('base64', 0, 16)

  return {
    openid: (appId, person) => shaped('openid', appId, person),
    unionid: (openAccount, person) => shaped('unionid', openAccount, person),
    code(appId, person, n) {
      const bytes = derive('code', codeKey, appId, person, n)
      let code = '0'
      for (let i = 0; i < 31; i++) code += base62[(bytes[i] ?? 0) % (i < 2 ? 10 : 62)]
      return code
    },
    phoneCode: (appId, person, n) => derive('phone-code', codeKey, appId, person, n).toString('hex'),
    sessionKey: (appId, person, n) => base64('session-key', appId, person, n),
    iv: (appId, person, n) => base64('iv', appId, person, n),
    token: (purpose, n) =>
      `${10 + (n % 90)}_${derive('token', purpose, n, 'head').toString('base64url')}${derive('token', purpose, n, 'tail').toString('base64url')}`,
    phone: (person) => `199${String(derive('phone', person).readUInt32BE() % 1e8).padStart(8, '0')}`,
  }
}

/** A stream of 32-bit numbers from the seed (mulberry32); for what must vary but need not be unguessable. */
export function createRandom(seed: string): () => number {
  let state = hash('sha256', `hufu-simulator random\n${seed}`, 'buffer').readUInt32BE()
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
