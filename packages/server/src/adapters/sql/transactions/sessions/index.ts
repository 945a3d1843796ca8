export * from './end.ts'
export * from './find.ts'
export * from './refresh.ts'
