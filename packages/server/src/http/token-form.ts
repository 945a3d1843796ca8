/** What may stand after `Bearer ` (RFC 6750 §2.1, b64token). A token of another form can never be used. */
export const isBearerToken = (text: string): boolean => /^[\w.~+/-]+=*$/.test(text)
