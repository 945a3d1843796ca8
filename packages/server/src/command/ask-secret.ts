import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { InvalidArgumentError } from 'commander'
import { decodeText, readTextFile } from '../config/text-file.ts'

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
    return readTextFile(file)
  } catch (error) {
    const why = error instanceof TypeError ? error.message : 'cannot be read'
    throw new InvalidArgumentError(`The file ${file} ${why}.`)
  }
}

async function readInput(question: string): Promise<string> {
  if (!process.stdin.isTTY) return readPipe()
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

async function readPipe(): Promise<string> {
  try {
    return decodeText(await buffer(process.stdin))
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidArgumentError(`What came on standard input ${error.message}.`)
    throw error
  }
}
