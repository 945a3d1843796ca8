/** `POST /v1/login`. Unknown members are refused. */
export interface LoginRequest {
  /** The AppID that the code was made for. */
  appId: string
  /** The temporary code of `wx.login` (mini program) or of the OAuth redirect (other kinds); works once. */
  code: string
  /** 16–64 URL-safe characters, fresh for each login: only who sends it again may repeat this code within 60 s. */
  nonce?: string
}

/** `POST /v1/login/cloud`: an assertion that a trusted cloud function signed. */
export interface CloudLoginRequest {
  /** A JWT in the manner of RFC 7523. */
  assertion: string
}

/** `POST /v1/refresh`. */
export interface RefreshRequest {
  /** The latest one of the session, from a login or a refresh. */
  refreshToken: string
}

/** `POST /v1/logout` without a valid access token. */
export interface LogoutRequest {
  /** Names the session that ends. */
  refreshToken: string
}

/** The token half of a login, and of a refresh. */
export interface TokenReply {
  /** A JWT as RFC 9068 says; goes in the `Authorization: Bearer` header and nowhere else. */
  accessToken: string
  /** As OAuth names it (RFC 6750). */
  tokenType: 'Bearer'
  /** Life of the access token in seconds. */
  expiresIn: number
  /** Works once: every refresh answers with the next one. */
  refreshToken: string
  /** The app that the person came in through. */
  appId: string
  /** Left out when the server says `HUFU_EXPOSE_WECHAT_IDS=false`. */
  openid?: string
  /** `null` where WeChat gave none; left out together with `openid`. */
  unionid?: string | null
}

/** What `POST /v1/refresh` answers. */
export interface RefreshReply extends TokenReply {
  /** After a unification only: who the session belongs to now, and the ids that rows may still bear. */
  user?: Pick<LoginUser, 'id' | 'formerIds'>
}

/** What every login method answers. */
export interface LoginReply extends TokenReply {
  /** Whose session it is. */
  user: LoginUser
}

/** The user behind a login. */
export interface LoginUser {
  /** `usr_…`: Hufu's own id. */
  id: string
  /** Whether this login created the user. */
  isNew: boolean
  /** Ids that this user bore before a unification, oldest first; rows of the product may still bear them. */
  formerIds: string[]
}
