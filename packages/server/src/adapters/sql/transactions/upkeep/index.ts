export * from './ping.ts'
export * from './start-epoch.ts'
export * from './sweep.ts'
