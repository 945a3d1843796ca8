import { ProblemError } from '../domain/problem-error.ts'
import { encoded, isJsonType, notJson, otherType } from './body-refusals.ts'
import type { Shape } from './members.ts'

const MOST_BYTES = 16 * 1024
const MOST_DRAINED = 4 * 1024 * 1024
const MOST_DRAINING_MS = 5000
const MOST_DEPTH = 10

/**
 * The JSON body of a request, or undefined when there is none. What is no JSON is told what to send instead.
 *
 * @param shape what the body should have been, for whoever sent another
 * @throws {ProblemError} `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readJson(request: Request, shape: Shape): Promise<unknown> {
  const type = request.headers.get('content-type')
  const encoding = request.headers.get('content-encoding')
  const text = await readText(request)
  if (text === '') return undefined
  if (encoding !== null && !/^\s*(?:identity)?\s*$/i.test(encoding)) throw encoded(encoding)
  if (type === null || !isJsonType(type)) throw otherType(type, shape)
  try {
    const body: unknown = JSON.parse(text)
    refuseDepth(body, MOST_DEPTH)
    return body
  } catch (error) {
    throw error instanceof ProblemError ? error : notJson(text, shape)
  }
}

async function readText(request: Request): Promise<string> {
  const announced = request.headers.get('content-length')
  try {
    if (announced !== null && Number(announced) > MOST_BYTES) throw await tooLarge(request.body?.getReader())
    // With a length announced, the HTTP parser delivers no more than that.
    if (announced !== null || !request.body) return await request.text()
    return await readUnannounced(request.body.getReader())
  } catch (error) {
    if (error instanceof ProblemError) throw error
    // Nobody is left to read this answer; and it is no fault of ours that the log should speak of.
    throw new ProblemError('invalid_request', 'The body did not arrive whole.')
  }
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array>

async function readUnannounced(reader: BodyReader): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > MOST_BYTES) throw await tooLarge(reader)
    text += decoder.decode(value, { stream: true })
  }
}

/** Reads on for a while before refusing: a client that is still sending would miss the answer. */
async function tooLarge(reader: BodyReader | undefined): Promise<ProblemError> {
  const refusal = new ProblemError('payload_too_large', 'The body is larger than 16 KiB.')
  if (!reader) return refusal
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), MOST_DRAINING_MS)
  try {
    for (let drained = 0; drained < MOST_DRAINED; ) {
      const { done, value } = await reader.read()
      if (done) break
      drained += value.byteLength
    }
  } catch {
    // The client went away: there is nobody left to tell.
  } finally {
    clearTimeout(timer)
  }
  return refusal
}

function refuseDepth(value: unknown, left: number): void {
  if (typeof value !== 'object' || value === null) return
  if (left === 0) throw new ProblemError('invalid_request', 'The body is nested too deeply.')
  for (const inner of Object.values(value)) refuseDepth(inner, left - 1)
}
