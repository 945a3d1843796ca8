export * from './claim.ts'
export * from './delivered.ts'
export * from './list.ts'
export * from './record.ts'
