import { problemMeanings } from './problem-meanings.ts'
import type { HufuError, HufuErrorCode } from './types.ts'

/** What happened and what to do, for whoever builds the mini program. By code, then by what made it go wrong. */
const explanations: Record<HufuErrorCode, string> = {
  config: '创建客户端的选项有问题，看括号里的名字。',
  login_failed:
    '微信没有给出登录凭证。手机可能没有网络；wx.login 十秒没有回应也算失败；在插件里它要先得到用户授权。括号里是微信的说法。过一会儿再调用 login() 即可，不必自己反复重试：SDK 会拉开间隔，遵守微信每秒四次的限制。',
  cloud_failed:
    '云函数没有调用成功。请检查：app.js 里先执行了 wx.cloud.init({ env })；cloud.function 与部署的函数同名；函数已经上传并部署；云开发环境属于这个小程序。括号里是微信的说法。',
  code_refused:
    '微信不认这个登录凭证，换一个新的也不认。几乎总是 AppID 与 AppSecret 对不上：createClient 的 appId、开发者工具打开的项目、服务端登记的 AppID 必须是同一个，AppSecret 也要是它的。以游客模式或测试号打开项目时凭证只在模拟器里有效。',
  user_blocked: '运营人员封禁了这个用户。SDK 不会再自动登录；解封之后调用 login()。',
  risk_refused:
    '微信的风控认为这个用户风险高，拒绝了登录；不是运营人员的封禁，服务端解不开。SDK 不会再自动登录；请告诉用户，过些时候再调用 login()。',
  snapshot_user:
    '这是朋友圈单页模式，微信给的是一个虚拟账号，服务端不为它建用户。请引导用户点“前往小程序”，进入完整模式以后再登录。',
  signed_out:
    '用户已经退出登录。在再次调用 login() 之前，ready() 和 request() 都会这样失败，这是有意的：退出以后不应该悄悄登录回来。',
  network:
    '请求没有得到答复。真机上请检查：服务器域名已加入微信公众平台的 request 合法域名；是 https 且证书完整；开发时可在“详情 → 本地设置”勾选“不校验合法域名”。切到后台超过五秒，微信会中断请求（interrupted）。括号里是微信的说法。',
  busy: '服务端现在忙不过来，或者它访问微信出了问题。error.retryAfter 是建议等待的秒数，在那之前 SDK 不会再去打扰它。',
  refused: '服务端拒绝了这个请求，括号里是它的错误码；拿着 error.requestId 可以在服务端日志里找到原因。',
  bad_reply:
    '答复不像是 Hufu 服务端给的。请检查 server 的地址和路径（要能打开 <server>/healthz），以及中间的网关、代理有没有改写内容；公共 Wi-Fi 的登录页也会这样。',
  foreign_url:
    '令牌只发往 server 和 api 两个地址。访问别的网站请直接用 wx.request；这是自己的后端，就把它填进 api 选项。',
}

const noCloud =
  '这个平台没有 wx.cloud：基础库要 2.2.3 以上（callContainer 要 2.23.0），uni-app 和 Taro 里请传入 wx 本身。'

const particulars: Record<string, string> = {
  'config wx':
    '没有找到平台对象。在小程序之外运行（单元测试、H5）时，用 createClient({ wx: … }) 传进来：uni-app 传 uni，Taro 传 Taro。',
  'config appId': '缺少 appId：填这个小程序的 AppID，服务端要登记同一个。',
  'config dev':
    'dev 选项以模拟的人登录，正式版不允许：否则所有用户都会成为同一个人。请在发布前去掉它。读不到版本信息的平台按正式版对待。',
  'config server':
    'server 要写成 https://api.example.com 这样的地址，可以带路径，不能带 ? 和 #；按版本分开写时，develop、trial、release 三个都要有。只用云函数登录时可以不填 server，但 request() 需要 api 或 server。',
  'config api': 'api 要写成 https://shop.example.com 这样的地址，规则与 server 相同。',
  'cloud_failed wx.cloud': noCloud,
  'network wx.cloud': noCloud,
  'busy server_misconfigured':
    '服务端的配置有误，多半是 AppSecret 不对、过期或被冻结。请看服务端日志，或在管理控制台运行诊断。',
  'busy rate_limited':
    '登录太频繁，服务端限流了。如果所有用户都这样，请检查服务端 HUFU_TRUSTED_PROXIES：它可能把代理当成了同一个人。',
  'busy upstream_unavailable': '服务端访问不到微信。请检查服务器的外网连接和 IP 白名单。',
  'busy unavailable':
    '服务端的数据库暂时不可用，与 AppID、AppSecret 无关。过 error.retryAfter 秒再试。Our database is away, try again.',
  'refused app_unknown': '服务端没有登记这个 AppID，或者连错了环境的服务端。先在服务端添加这个小程序。',
  'refused invalid_request': '服务端看不懂请求，SDK 与服务端的版本可能差得太远。',
  'refused login_required':
    '这个操作（例如注销账号）要求五分钟内刚登录过。请先 logout() 再 login()，或把新的 code 放进请求体，然后重试。',
  'refused assertion_invalid':
    '服务端不认云函数的签名：检查云函数的 key 与服务端登记的公钥，以及云函数的 server 地址。',
}

/** Adds the explanation to an error's message, once. */
export function explain(error: HufuError): HufuError {
  const meaning = error.problem && problemMeanings[error.problem]
  const text =
    particulars[`${error.code} ${error.problem || error.reason}`] ||
    explanations[error.code] + (meaning ? `${error.problem}：${meaning}。` : '')
  if (error.message.indexOf(text) < 0) error.message = `${error.code}：${error.message}\n${text}`
  return error
}
