import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import { APP_ID, APP_SECRET } from '../world/people.ts'

const PROVIDER = 'mini-program'

/** `POST /sign-in/mini-program {code}`: code2Session, the account by openid, its session_key renewed, a session. */
export const miniProgram = (upstream) => ({
  id: PROVIDER,
  schema: { user: { fields: { unionid: { type: 'string', required: false, input: false } } } },
  endpoints: {
    signInMiniProgram: createAuthEndpoint(
      '/sign-in/mini-program',
      { method: 'POST', body: z.object({ code: z.string() }) },
      async (context) => {
        const { internalAdapter } = context.context
        const { openid, unionid, session_key } = await codeToSession(upstream, context.body.code)
        const known = await internalAdapter.findAccountOwnerByKey({ providerId: PROVIDER, accountId: openid })
        let user = known?.user
        if (known) await internalAdapter.updateAccount(known.account.id, { accessToken: session_key })
        else {
          const made = await internalAdapter.createOAuthUser(
            { name: 'WeChat user', email: `${openid}@wechat.invalid`, emailVerified: false, unionid },
            { providerId: PROVIDER, accountId: openid, accessToken: session_key },
          )
          user = made.user
        }
        const session = await internalAdapter.createSession(user.id)
        await setSessionCookie(context, { session, user })
        return context.json({ token: session.token, openid, unionid, user: { id: user.id } })
      },
    ),
  },
})

async function codeToSession(upstream, code) {
  const query = new URLSearchParams({
    appid: APP_ID,
    secret: APP_SECRET,
    js_code: code,
    grant_type: 'authorization_code',
  })
  const response = await fetch(`${upstream}/sns/jscode2session?${query}`)
  const answer = await response.json()
  if (answer.errcode) throw new TypeError(`WeChat refused the code: ${answer.errcode}`)
  return answer
}
