import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { InvalidArgumentError } from 'commander'

/**
 * A secret from a file, from standard input, or typed at a prompt that shows nothing. Never from an argument: those are
 * visible to everybody on the machine.
 */
export async function askSecret(question: string, file: string | undefined): Promise<string> {
  const secret = file !== undefined && file !== '-' ? readSecretFile(file) : await readInput(question)
  if (secret.trim() === '') throw new InvalidArgumentError('The secret is empty.')
  return secret.trim()
}

function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new InvalidArgumentError(`The file ${file} cannot be read.`)
  }
}

function readInput(question: string): Promise<string> {
  if (!process.stdin.isTTY) return text(process.stdin)
  process.stderr.write(`${question}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  return new Promise((resolve) => {
    lines.question('', (answer) => {
      lines.close()
      process.stderr.write('\n')
      resolve(answer)
    })
  })
}
