import type { Transport } from '@hufu/wechat'
import { proxyName } from '../adapters/wechat/outbound-proxy.ts'
import { wechatTransport } from '../adapters/wechat/transport.ts'
import type { Config } from '../config/config.ts'

type Way = Pick<Config, 'wechatBaseUrl' | 'wechatHost' | 'wechatProxy'>

/** The connections to WeChat that the configuration names. */
export const openWayToWeChat = (way: Way): Transport & { close(): Promise<void> } =>
  wechatTransport({ baseUrl: originOf(way), proxy: way.wechatProxy })

/** For people: where WeChat is asked, and through what. */
export const wayToWeChat = (way: Way): string =>
  `${originOf(way)} ${way.wechatProxy ? `through ${proxyName(way.wechatProxy)}` : 'directly'}`

const originOf = ({ wechatBaseUrl, wechatHost }: Way): string => wechatBaseUrl ?? `https://${wechatHost}`
