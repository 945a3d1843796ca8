import { APP_ID, codeOf, storedPerson } from '../world/people.ts'

/** Token checks under way at one time. */
const AT_ONCE = 4

/** Asks `/v1/me` over and over while something else is done. Resolves to the time each took, in milliseconds. */
export async function checkTokensWhile(url: URL, token: string, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  let isDone = false
  const check = async (): Promise<void> => {
    while (!isDone) {
      const began = performance.now()
      const reply = await fetch(new URL('/v1/me', url), { headers: { authorization: `Bearer ${token}` } })
      await reply.arrayBuffer()
      if (reply.status !== 200) throw new Error(`/v1/me: ${reply.status}`)
      times.push(performance.now() - began)
    }
  }
  const checks = Promise.all(Array.from({ length: AT_ONCE }, check))
  await Promise.race([work(), checks]).finally(() => {
    isDone = true
  })
  await checks
  return times
}

/** An access token of a stored person. */
export async function tokenFrom(url: URL): Promise<string> {
  const body = JSON.stringify({ appId: APP_ID, code: codeOf(storedPerson(3), 1) })
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(new URL('/v1/login', url), { method: 'POST', headers, body })
  const { accessToken } = (await reply.json()) as { accessToken: string }
  return accessToken
}
