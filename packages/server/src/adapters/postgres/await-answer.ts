/** Milliseconds after the first look. Most often the other process is only a commit behind. */
const LOOKS = [0, 20, 60, 150, 400, 1000]

/** Looks for what another process may be about to write, for a second at most. */
export async function awaitAnswer<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  let waited = 0
  for (const at of LOOKS) {
    if (at > waited) await new Promise((resolve) => setTimeout(resolve, at - waited))
    waited = at
    const found = await look()
    if (found !== undefined) return found
  }
  return undefined
}
