import { transportConformance } from '../../../../wechat/test/transport.conformance.ts'
import { wechatTransport } from './transport.ts'

transportConformance('the server’s lines', (t, baseUrl, deadline) => {
  const transport = wechatTransport({ baseUrl, deadlines: { answer: Math.min(deadline, 3_000), whole: deadline } })
  t.after(() => transport.close())
  return transport
})
