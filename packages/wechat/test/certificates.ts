import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateWishes {
  /** The address that it vouches for. */
  ip: string
  from?: Date
  until?: Date
  /** Who signs it; itself without. */
  by?: Issuer
}

/** A certificate authority of a test. */
export interface Issuer {
  readonly name: string
  readonly key: KeyObject
  readonly cert: string
}

const day = 24 * 3600 * 1000

export function authority(name: string): Issuer {
  const { publicKey, privateKey } = newKeys()
  const authorityForever = extension([2, 5, 29, 19], sequence(der(0x01, Buffer.from([0xff]))))
  const cert = certificate({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    extensions: [authorityForever],
  })
  return { name, key: privateKey, cert }
}

/** A server's certificate as X.509 has it; node:crypto reads such things but does not write them. */
export function serverCertificate({ ip, from, until, by }: CertificateWishes): Certificate {
  const { publicKey, privateKey } = newKeys()
  const address = Buffer.from(ip.split('.').map(Number))
  const alternativeName = extension([2, 5, 29, 17], sequence(der(0x87, address)))
  const cert = certificate({
    subject: 'a test server',
    issuer: by?.name ?? 'a test server',
    publicKey,
    signer: by?.key ?? privateKey,
    extensions: [alternativeName],
    ...(from ? { from } : {}),
    ...(until ? { until } : {}),
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

interface Parts {
  subject: string
  issuer: string
  publicKey: KeyObject
  signer: KeyObject
  extensions: Buffer[]
  from?: Date
  until?: Date
}

function certificate(parts: Parts): string {
  const { from = new Date(Date.now() - day), until = new Date(Date.now() + day) } = parts
  const ecdsaWithSha256 = sequence(objectId([1, 2, 840, 10045, 4, 3, 2]))
  const body = sequence(
    der(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 31)),
    ecdsaWithSha256,
    named(parts.issuer),
    sequence(time(from), time(until)),
    named(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...parts.extensions)),
  )
  const signature = sign('sha256', body, parts.signer)
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts))

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5) // the leading zero keeps it positive
  bytes.writeUInt32BE(value, 1)
  const start = bytes.findIndex((byte, at) => byte !== 0 || at === 4)
  return der(0x02, bytes.subarray((bytes[start] ?? 0) >= 0x80 ? start - 1 : start))
}

function objectId([first = 0, second = 0, ...rest]: number[]): Buffer {
  const bytes = rest.flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

const named = (name: string): Buffer =>
  sequence(der(0x31, sequence(objectId([2, 5, 4, 3]), der(0x0c, Buffer.from(name)))))

/** Whole seconds of UTC, as GeneralizedTime: `YYYYMMDDHHMMSSZ`. */
const time = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`))

const extension = (id: number[], value: Buffer): Buffer => sequence(objectId(id), der(0x04, value))
