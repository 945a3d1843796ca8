import { WeChatError } from '@hufu/wechat'

/**
 * Waits for an answer of WeChat no longer than this. The transport keeps a whole deadline by itself, but knows nothing
 * of what a login waited and tried before this call.
 *
 * @param left milliseconds
 * @throws {WeChatError} `outcome_unknown`: the code may have been used
 */
export async function withDeadline<Answer>(left: number, asked: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const fail = () =>
      reject(new WeChatError('outcome_unknown', { path: '/sns', detail: 'the time for the whole login is over' }))
    timer = setTimeout(fail, left)
  })
  try {
    return await Promise.race([asked, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
