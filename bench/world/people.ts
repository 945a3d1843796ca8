/**
 * The people of a run, all derived from numbers, so that the load, the scripted WeChat and the databases agree without
 * talking. A person is a number, which fixes openid and unionid; a code carries the number of whoever pressed the button.
 */
export const APP_ID = 'wxbench000000000001'
/** A second app of the same owner: the same people, other openids. */
export const OTHER_APP_ID = 'wxbench000000000002'
export const APP_SECRET = 'bench-secret-0123456789abcdef'

/** Between two stored people there is room for seven newcomers, so that new rows land all over the tables. */
const GAP = 8
const DIGITS = 10
const SPACE = 10 ** DIGITS

/** Number of the stored person `index`, from 0. */
export const storedPerson = (index: number): number => index * GAP

/** Number of the newcomer `serial`, from 0, among `stored` people; wraps round after `7 × stored` of them. */
export const newPerson = (serial: number, stored: number): number =>
  ((serial * 7919) % stored) * GAP + 1 + (Math.floor(serial / stored) % (GAP - 1))

/** Of a person in an app. */
export const openidOf = (person: number, appId = APP_ID): string =>
  `o${appId === OTHER_APP_ID ? 'Other' : 'Bench'}${digits(person)}abcdefghijkl`

/** In another order than the openids, as with WeChat: neighbours by openid are strangers by unionid. */
export const unionidOf = (person: number): string => `uBench${digits((person * 7_368_787) % SPACE)}abcdefghijkl`

/** 16 bytes in base64, as WeChat gives them. */
export const sessionKeyOf = (person: number): string => `benchBench${digits(person)}AA==`

/**
 * As long as a real one; `serial` makes it new.
 *
 * @param tellsUnionid whether WeChat will say the unionid with it
 */
export const codeOf = (person: number, serial: number, { tellsUnionid = true } = {}): string =>
  `0${tellsUnionid ? 'b' : 'c'}${digits(person)}${String(serial).padStart(20, '0')}`

/** The person that a code was made for, and whether the unionid comes with it. */
export const readCode = (code: string): { person: number; tellsUnionid: boolean } => ({
  person: Number(code.slice(2, 2 + DIGITS)),
  tellsUnionid: code[1] === 'b',
})

const digits = (person: number): string => String(person).padStart(DIGITS, '0')
