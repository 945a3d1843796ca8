/** How somebody came in: by a code, by an assertion that a cloud function signed, by the headers of Cloud Run's gateway. */
export const LOGIN_METHODS = ['code', 'cloud-function', 'cloud-run'] as const

/** One of `LOGIN_METHODS`: the `method` in the `detail` of a `login` event. */
export type LoginMethodName = (typeof LOGIN_METHODS)[number]
