import { Worker } from 'node:worker_threads'

/** openid, unionid, id for a new user, sealed session_key, session, salt, hash of the code, hash of the nonce, now. */
export type Login = [string, string, string, string, string, Uint8Array, string, string, number]
export interface Committed {
  user: string
  isNew: boolean
}

/** Commits logins in groups on a thread of its own: what arrives while one group is synced makes up the next. */
export async function startCommits(file: string): Promise<(login: Login) => Promise<Committed>> {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: file })
  let waiting: Login[] = []
  let onCommit: ((committed: Committed) => void)[] = []
  let running: typeof onCommit | undefined
  let scheduled = false

  const next = (): void => {
    scheduled = false
    if (running || waiting.length === 0) return
    worker.postMessage(waiting)
    running = onCommit
    waiting = []
    onCommit = []
  }
  worker.on('message', (users: Committed[]) => {
    const done = running ?? []
    running = undefined
    next()
    for (const [index, resolve] of done.entries()) resolve(users[index] ?? { user: '', isNew: false })
  })
  worker.on('error', (error) => {
    throw error
  })
  return (login) =>
    new Promise((resolve) => {
      waiting.push(login)
      onCommit.push(resolve)
      if (scheduled || running) return
      scheduled = true
      setImmediate(next)
    })
}
