import { randomFillSync } from 'node:crypto'

/** Random bytes from a pool: asking the system for every id would cost more than the rest of making it. */
const pool = new Uint8Array(8192)
let used = pool.length
export function randomBytes(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + count)
  pool.fill(0, used, used + count)
  used += count
  return bytes
}
