export * from './ping.ts'
export * from './sweep.ts'
