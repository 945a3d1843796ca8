import { request } from 'node:http'
import { idOf } from '../database.ts'
import type { Figure } from '../report/figure.ts'
import { spreadOf } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { APP_ID, openidOf, storedPerson, unionidOf } from '../world/people.ts'

const TIMES = 30

/**
 * How long an operator waits for a person, looked up by each id that there is; the slowest kind of search counts.
 *
 * @param socketPath of a running server with so many people
 */
export async function measureSearch(socketPath: string, people: number): Promise<Figure> {
  const index = (time: number): number => Math.floor(((time * 0.618034) % 1) * people)
  const searches = {
    userId: (time: number) => `userId=${idOf('usr', index(time))}`,
    openid: (time: number) => `appId=${APP_ID}&openid=${openidOf(storedPerson(index(time)))}`,
    unionid: (time: number) => `unionid=${unionidOf(storedPerson(index(time)))}`,
  }
  const found = []
  for (const [by, query] of Object.entries(searches)) {
    const times: number[] = []
    for (let time = 1; time <= TIMES; time++) times.push(await timeOf(socketPath, `/admin/v1/users?${query(time)}`))
    found.push({ by, ...spreadOf(times) })
  }
  const [{ by: _, ...slowest } = { by: '', ...spreadOf([]) }] = found.sort((one, other) => other.median - one.median)
  return {
    what: `operator’s search with ${people.toLocaleString('en')} people stored`,
    unit: 'ms',
    ...slowest,
    asked: TARGETS.search,
    detail: found.map((one) => `by ${one.by} ${one.median.toFixed(1)} ms`).join(', '),
  }
}

function timeOf(socketPath: string, path: string): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode === 200 && text.includes('usr_')) resolve(performance.now() - began)
        else reject(new Error(`${path} found nobody: ${response.statusCode} ${text.slice(0, 200)}`))
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
