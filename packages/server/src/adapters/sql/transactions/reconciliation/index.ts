export * from './list-conflicts.ts'
export * from './list-unifications.ts'
export * from './resolve-conflict.ts'
export * from './undo.ts'
