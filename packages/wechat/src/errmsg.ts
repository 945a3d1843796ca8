/** WeChat's errmsg taken apart. Its base text may quote what was sent: show it to nobody, branch on the errcode. */
export interface Errmsg {
  /** Without the ids at its end. */
  readonly text: string
  /** WeChat's id of the request; its first group is the time in hex seconds. */
  readonly rid: string | undefined
  /** The older kind of id (`hint: […]`, `hints: [ req_id: … ]`). */
  readonly hint: string | undefined
}

const suffix =
  /(?:,? hints?: \[ ?(?:req_id: )?(?<hint>[\w-]{1,64}) ?\])?(?:(?:,| ,)? ?rid: (?<rid>[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}))?$/

/** Every form of the suffix that has been seen on the wire is understood; what is not a suffix stays text. */
export function parseErrmsg(errmsg: string): Errmsg {
  // The ids stand at the end; looking only there keeps a hostile errmsg of 64 KiB cheap.
  const start = Math.max(0, errmsg.length - 160)
  const found = suffix.exec(errmsg.slice(start))
  const text = found === null ? errmsg : errmsg.slice(0, start + found.index)
  return { text, rid: found?.groups?.rid, hint: found?.groups?.hint }
}

const v4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/
const v6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/i

/** The address of ours that WeChat names when it refuses one (40164, 40090). */
export function seenAddress(errmsg: string): string | undefined {
  const start = errmsg.slice(0, 160)
  return (v4.exec(start) ?? v6.exec(start))?.[0]
}
