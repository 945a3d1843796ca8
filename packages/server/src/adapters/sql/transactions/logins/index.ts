export * from './commit.ts'
export * from './find-by-code.ts'
