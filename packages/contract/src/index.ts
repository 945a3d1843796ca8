/** The words on Hufu's wire. Types only: importing this package adds no code. */
export type * from './problems.ts'
export type * from './sessions.ts'
export type * from './users.ts'
