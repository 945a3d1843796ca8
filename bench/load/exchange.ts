export interface Answer {
  status: number
  body: string
}

/** One request, and what is to become of its answer. */
export interface Exchange {
  /** The whole request as it goes over the wire, in ASCII. */
  request: string
  /** Whether a session stands in the server's database afterwards that did not before. */
  makesSession: boolean
  /** @throws {Error} when the answer is not what was asked for */
  read(answer: Answer): void
}

const COMMON = 'host: 127.0.0.1\r\naccept: */*\r\nuser-agent: hufu-bench\r\n'

/** Makes the requests to one path; a body is ASCII. */
export function poster(path: string): (body: string) => string {
  const head = `POST ${path} HTTP/1.1\r\n${COMMON}content-type: application/json\r\ncontent-length: `
  return (body) => `${head}${body.length}\r\n\r\n${body}`
}

/** @param headers each line with its end */
export const getRequest = (path: string, headers: string): string => `GET ${path} HTTP/1.1\r\n${COMMON}${headers}\r\n`

/** Fails on any other answer than a good one that bears these words. */
export function expectWords({ status, body }: Answer, words: string): void {
  if (status === 200 && body.includes(words)) return
  throw new Error(`answered ${status} without what was asked for: ${body.slice(0, 300)}`)
}
