/** What an app is to WeChat: mini program 小程序, official account 公众号, website 网站应用, mobile app 移动应用. */
export const APP_KINDS = ['miniprogram', 'official-account', 'website', 'mobile'] as const

/** One of `APP_KINDS`. Decides which call of WeChat redeems a code of the app. */
export type AppKind = (typeof APP_KINDS)[number]
