import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type Bag = Record<string, unknown>
type Sign = (signed: string) => string

export interface Genuine {
  /** An access token that is good now. */
  token: string
  privateKey: KeyObject
  publicKey: KeyObject
  publicJwk: Bag
  /** Seconds since 1970. */
  now: number
}

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const part = (token: string, n: number): string => token.split('.')[n] ?? ''
const decode = (token: string, n: number): Bag => JSON.parse(Buffer.from(part(token, n), 'base64url').toString())
const without = (bag: Bag, name: string): Bag => Object.fromEntries(Object.entries(bag).filter(([one]) => one !== name))

const es256 =
  (key: KeyObject, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Sign =>
  (signed) =>
    sign('sha256', Buffer.from(signed), { key, dsaEncoding }).toString('base64url')
const hmac =
  (hash: string, secret: string | Buffer): Sign =>
  (signed) =>
    createHmac(hash, secret).update(signed).digest('base64url')

const jwt = (header: unknown, payload: unknown, by: Sign): string => {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${by(signed)}`
}

/**
 * T22: tokens that must open nothing, by what is wrong with them. Those about claims are signed with the genuine key: a
 * verifier must look further than the signature.
 */
export function badJwts({ token, privateKey, publicKey, publicJwk, now }: Genuine): Record<string, string> {
  const header = decode(token, 0)
  const claims = decode(token, 1)
  const [head, body, signature] = [part(token, 0), part(token, 1), part(token, 2)]
  const ours = es256(privateKey)
  const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const theirs = es256(thief.privateKey)
  const thiefJwk = thief.publicKey.export({ format: 'jwk' })
  const nothing: Sign = () => ''
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  const bytes = Buffer.from(signature, 'base64url')
  const named = (entries: [string, string][]): Record<string, string> => Object.fromEntries(entries)
  const withHeader = (change: Bag, by: Sign): string => jwt({ ...header, ...change }, claims, by)
  const withClaim = (name: string, value: unknown): string => jwt(header, { ...claims, [name]: value }, ours)

  return {
    ...named(
      ['none', 'None', 'NONE', 'nOnE', ''].map((alg) => [`alg ${alg}, no signature`, withHeader({ alg }, nothing)]),
    ),
    'alg none with the genuine signature': `${encode({ ...header, alg: 'none' })}.${body}.${signature}`,
    'alg none without a third part': withHeader({ alg: 'none' }, nothing).slice(0, -1),
    'alg missing': jwt(without(header, 'alg'), claims, ours),
    ...named(
      [null, 256, ['ES256'], {}, 'es256', 'ES256 '].map((alg) => [
        `alg ${JSON.stringify(alg)}`,
        withHeader({ alg }, ours),
      ]),
    ),

    'HS256 keyed with the public key as PEM': withHeader({ alg: 'HS256' }, hmac('sha256', pem)),
    'HS256 keyed with the public key as trimmed PEM': withHeader({ alg: 'HS256' }, hmac('sha256', String(pem).trim())),
    'HS256 keyed with the public key as DER': withHeader(
      { alg: 'HS256' },
      hmac('sha256', publicKey.export({ type: 'spki', format: 'der' })),
    ),
    'HS256 keyed with the public key as JWK': withHeader({ alg: 'HS256' }, hmac('sha256', JSON.stringify(publicJwk))),
    'HS256 keyed with the kid': withHeader({ alg: 'HS256' }, hmac('sha256', String(header.kid))),
    'HS256 keyed with nothing': withHeader({ alg: 'HS256' }, hmac('sha256', '')),
    'HS512 keyed with the public key': withHeader({ alg: 'HS512' }, hmac('sha512', pem)),
    ...named(
      ['ES384', 'ES512', 'ES256K', 'RS256', 'PS256', 'EdDSA', 'Ed25519'].map((alg) => [
        `alg ${alg} over an ES256 signature`,
        withHeader({ alg }, ours),
      ]),
    ),

    'signed by a thief': jwt(header, claims, theirs),
    'signed in DER': jwt(header, claims, es256(privateKey, 'der')),
    'a signature of zeros': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature of ones': `${head}.${body}.${Buffer.alloc(64, 255).toString('base64url')}`,
    'no signature': `${head}.${body}.`,
    'half a signature': `${head}.${body}.${bytes.subarray(0, 32).toString('base64url')}`,
    'a signature and a half': `${head}.${body}.${Buffer.concat([bytes, bytes.subarray(32)]).toString('base64url')}`,
    'the halves of a signature swapped': `${head}.${body}.${Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]).toString('base64url')}`,
    'the genuine signature over another user': `${head}.${encode({ ...claims, sub: 'usr_00000000000000000000000000' })}.${signature}`,
    'the genuine signature over a longer life': `${head}.${encode({ ...claims, exp: now + 10 ** 6 })}.${signature}`,

    'kid missing': jwt(without(header, 'kid'), claims, ours),
    ...named(
      [
        '',
        '../../../../dev/null',
        '/etc/passwd',
        "' OR '1'='1",
        '__proto__',
        'constructor',
        '0',
        0,
        null,
        true,
        [header.kid],
        {},
        `${header.kid} `,
        String(header.kid).toLowerCase(),
      ].map((kid) => [`kid ${JSON.stringify(kid).slice(0, 30)}`, withHeader({ kid }, ours)]),
    ),
    'kid /dev/null keyed with nothing': withHeader({ alg: 'HS256', kid: '/dev/null' }, hmac('sha256', '')),
    'the thief’s key in jwk': withHeader({ jwk: thiefJwk }, theirs),
    'the thief’s key in jwk, without kid': jwt({ ...without(header, 'kid'), jwk: thiefJwk }, claims, theirs),
    'the thief’s address in jku': withHeader({ jku: 'http://127.0.0.1:9/jwks.json' }, theirs),
    'the thief’s address in x5u': withHeader({ x5u: 'http://127.0.0.1:9/cert.pem' }, theirs),
    'the thief’s certificate in x5c': withHeader({ x5c: ['MIIB'] }, theirs),
    'the thief’s address in kid': withHeader({ kid: 'http://127.0.0.1:9/key' }, theirs),
    'crit of something unknown': withHeader({ crit: ['mfa'], mfa: true }, ours),
    'crit of nothing': withHeader({ crit: [] }, ours),
    'crit of exp': withHeader({ crit: ['exp'], exp: now + 900 }, ours),
    'b64 false': withHeader({ b64: false, crit: ['b64'] }, ours),
    'a compressed payload': withHeader({ zip: 'DEF', enc: 'A256GCM', alg: 'dir' }, ours),

    'typ missing': jwt(without(header, 'typ'), claims, ours),
    ...named(
      ['JWT', 'jwt', 'at', 'id+jwt', 'rt+jwt', 'logout+jwt', '', 1, null, ['at+jwt']].map((typ) => [
        `typ ${JSON.stringify(typ)}`,
        withHeader({ typ }, ours),
      ]),
    ),

    ...named(
      ['iss', 'aud', 'exp', 'iat', 'sub', 'jti', 'client_id', 'sid', 'realm'].flatMap((name): [string, string][] => [
        [`${name} missing`, jwt(header, without(claims, name), ours)],
        [`${name} null`, withClaim(name, null)],
        [`${name} a list`, withClaim(name, [claims[name]])],
        [`${name} an object`, withClaim(name, { value: claims[name] })],
        [`${name} true`, withClaim(name, true)],
      ]),
    ),
    ...named(
      ['iss', 'aud', 'sub', 'sid', 'realm'].flatMap((name): [string, string][] => [
        [`${name} empty`, withClaim(name, '')],
        [`${name} of somebody else`, withClaim(name, `${claims[name]}x`)],
        [`${name} in capitals`, withClaim(name, String(claims[name]).toUpperCase())],
      ]),
    ),
    'iss with a slash': withClaim('iss', `${claims.iss}/`),
    'aud of another realm': withClaim('aud', `${claims.iss}/realms/rival`),
    'sid of no session': withClaim('sid', 'ses_00000000000000000000000000'),
    'aud with another beside it': withClaim('aud', [claims.aud, 'https://elsewhere.example']),
    'exp a text': withClaim('exp', String(now + 900)),
    'exp in milliseconds ago': withClaim('exp', now - 31),
    'exp now': withClaim('exp', now),
    'exp below zero': withClaim('exp', -1),
    'exp endless': jwt(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999'), ours),
    'iat an hour ahead': withClaim('iat', now + 3600),
    'iat a text': withClaim('iat', String(now)),
    'nbf an hour ahead': withClaim('nbf', now + 3600),
    'a development token': withClaim('test', true),

    'a payload that is a list': jwt(header, [claims], ours),
    'a payload that is a text': jwt(header, JSON.stringify('claims'), ours),
    'a payload that is null': jwt(header, 'null', ours),
    'a payload that is not JSON': jwt(header, '{"sub":', ours),
    'an empty payload': jwt(header, '', ours),
    'a header that is a list': jwt([header], claims, ours),
    'a header that is not JSON': jwt('{alg:ES256}', claims, ours),
    'an empty header': jwt('', claims, ours),
    'duplicate alg, none first': `${encode(JSON.stringify(header).replace('{', '{"alg":"none",'))}.${body}.${signature}`,
    'duplicate alg, none last': jwt(JSON.stringify(header).replace(/}$/, ',"alg":"none"}'), claims, nothing),
    'duplicate sub': `${head}.${encode(JSON.stringify(claims).replace(/}$/, ',"sub":"usr_00000000000000000000000000"}'))}.${signature}`,

    'nothing at all': '',
    'one dot': '.',
    'two dots': '..',
    'three dots': '...',
    'four parts': `${token}.${signature}`,
    'five parts, as if encrypted': `${head}..${body}.${signature}.${signature}`,
    'two parts': `${head}.${body}`,
    'one part': head,
    'a token in a token': jwt({ ...header, cty: 'JWT' }, token, ours),
    'JSON serialisation': JSON.stringify({ payload: body, protected: head, signature }),
    'padding added': `${token}=`,
    'a blank inside': `${head} .${body}.${signature}`,
    'a NUL inside': `${head}.${body}\0.${signature}`,
    'the alphabet of plain base64': `${head}.${body}.${signature.replace(/.$/, '+')}`,
    'a look-alike letter': token.replace('e', 'е'),
    'the whole in capitals': token.toUpperCase(),
    'the whole reversed': [...token].reverse().join(''),
    'nine kilobytes': jwt(header, { ...claims, more: 'x'.repeat(9_000) }, ours),
    'a megabyte': `${head}.${'e'.repeat(1024 * 1024)}.${signature}`,
    'a thousand dots': '.'.repeat(1000),
    ...named(
      [0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((share) => [`cut at ${share}`, token.slice(0, token.length * share)]),
    ),
    ...named(
      Array.from({ length: 20 }, (_, n) => {
        const at = Math.floor(((n + 0.5) * (token.length - 2)) / 20)
        return [`a letter changed at ${at}`, flipped(token, at)]
      }),
    ),
  }
}

const flipped = (token: string, at: number): string => {
  const other = token[at] === '.' ? 'A' : token[at] === 'A' ? 'z' : 'A'
  return token.slice(0, at) + other + token.slice(at + 1)
}
