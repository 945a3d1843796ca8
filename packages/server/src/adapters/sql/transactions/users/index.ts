export * from './block.ts'
export * from './delete.ts'
export * from './find.ts'
export * from './list.ts'
