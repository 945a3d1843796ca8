import { SIGNING_ALGORITHMS } from '../adapters/tokens/keyring.ts'
import * as parse from './parsers.ts'
import { optional, setting } from './setting.ts'

/** What tokens and login answers say. */
export const TOKEN_SETTINGS = {
  issuer: setting({
    name: 'HUFU_ISSUER',
    option: 'issuer',
    parse: parse.issuerUrl,
    fallback: ({ development, port }) => (development ? `http://127.0.0.1:${port}` : ''),
    meaning: {
      en: 'public https address of this server; tokens name it and verifiers compare it, so it should not change. Under its path, if it has one, everything is served too',
      zh: '本服务的公网 https 地址；令牌写明、验证方逐字比对，定下后不要再改。带路径时，该路径下也提供全部接口',
    },
  }),
  audience: optional({
    name: 'HUFU_AUDIENCE',
    option: 'audience',
    parse: parse.audience,
    otherwise: { en: '`<issuer>/realms/<realm>`', zh: '`<issuer>/realms/<realm>`' },
    meaning: {
      en: 'whom access tokens are for (`aud`), only while there is one realm; after a change, tokens made before it are refused',
      zh: '访问令牌的受众（`aud`），仅限只有一个用户池时；更改后，旧令牌被拒绝',
    },
  }),
  signingAlgorithm: setting({
    name: 'HUFU_SIGNING_ALGORITHM',
    parse: parse.oneOf(SIGNING_ALGORITHMS),
    fallback: 'ES256',
    meaning: {
      en: '`ES256`, `EdDSA` or `RS256`; tokens signed before a change stay good for their time',
      zh: '`ES256`、`EdDSA` 或 `RS256`；更改前签发的令牌在有效期内仍可用',
    },
  }),
  exposeWeChatIds: setting({
    name: 'HUFU_EXPOSE_WECHAT_IDS',
    option: 'exposeWeChatIds',
    parse: parse.trueOrFalse,
    fallback: 'true',
    meaning: {
      en: '`false` leaves openid and unionid out of every answer to a person: login, refresh, `/v1/me`',
      zh: '`false` 时给用户的响应（登录、刷新、`/v1/me`）不含 openid 与 unionid',
    },
  }),
}
