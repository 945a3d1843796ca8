/**
 * The people of a run, all derived from numbers, so that the load, the scripted WeChat and the databases agree without
 * talking. A person's place fixes openid and unionid; a code carries the place of whoever pressed the button.
 */
export const APP_ID = 'wxbench000000000001'
export const APP_SECRET = 'bench-secret-0123456789abcdef'

/** Between two stored people there is room for seven newcomers, so that new rows land all over the tables. */
const GAP = 8
const DIGITS = 10
const SPACE = 10 ** DIGITS

/** Place of the stored person `index`, from 0. */
export const storedPlace = (index: number): number => index * GAP

/** Place of the newcomer `serial`, from 0, among `stored` people; wraps round after `7 × stored` of them. */
export const newPlace = (serial: number, stored: number): number =>
  ((serial * 7919) % stored) * GAP + 1 + (Math.floor(serial / stored) % (GAP - 1))

export const openidAt = (place: number): string => `oBench${digits(place)}abcdefghijkl`

/** In another order than the openids, as with WeChat: neighbours by openid are strangers by unionid. */
export const unionidAt = (place: number): string => `uBench${digits((place * 7_368_787) % SPACE)}abcdefghijkl`

/** 16 bytes in base64, as WeChat gives them. */
export const sessionKeyAt = (place: number): string => `benchBench${digits(place)}AA==`

/** As long as a real one; `serial` makes it new. */
export const codeOf = (place: number, serial: number): string => `0b${digits(place)}${String(serial).padStart(20, '0')}`

/** The place a code was made for. */
export const placeOf = (code: string): number => Number(code.slice(2, 2 + DIGITS))

const digits = (place: number): string => String(place).padStart(DIGITS, '0')
