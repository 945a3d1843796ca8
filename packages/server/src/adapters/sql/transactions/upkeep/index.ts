export * from './sweep.ts'
