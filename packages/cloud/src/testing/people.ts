/** Calls as the platform makes them. */
const shop = 'wxshop0000000001'
const club = 'wxclub0000000002'

export const apps = { shop, club }

/** Has a unionid. */
export const mei = {
  TCB_SOURCE: 'wx_client',
  WX_APPID: shop,
  WX_OPENID: 'oMei-in-shop_1',
  WX_UNIONID: 'uMei',
  WX_CLIENTIP: '192.0.2.7',
}
/** Has none. */
export const bo = { TCB_SOURCE: 'wx_client', WX_APPID: shop, WX_OPENID: 'oBo-in-shop' }

/** Mei in another mini program, which borrows the shop's environment. */
export const meiInClub = {
  TCB_SOURCE: 'wx_client',
  WX_APPID: shop,
  WX_FROM_APPID: club,
  WX_FROM_OPENID: 'oMei-in-club',
  WX_FROM_UNIONID: 'uMei',
}
/** Nobody: a timer. */
export const timer = { TCB_SOURCE: 'wx_trigger' }
