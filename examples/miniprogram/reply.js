/** 答复里的数据。任何状态码对 request() 来说都算成功，所以这里看一眼；不是 2xx 就抛出错误，写明服务器给出的原因。 */
function dataOf({ statusCode, data }) {
  if (statusCode >= 200 && statusCode < 300) return data
  const reason = (data && (data.code || data.error)) || ''
  throw new Error(`服务器答复 ${statusCode} ${reason}`)
}

module.exports = { dataOf }
