import { hash } from 'node:crypto'

/** What stands in the database for a code or a nonce. */
export const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer')
