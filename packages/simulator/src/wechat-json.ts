/** The fields of a JSON body as WeChat reads it, or the errcode for a body that is none. */
export function readWeChatJson(body: string): Record<string, unknown> | number {
  if (body === '') return 44002
  try {
    const data: unknown = JSON.parse(body)
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : 47001
  } catch {
    return 47001
  }
}
