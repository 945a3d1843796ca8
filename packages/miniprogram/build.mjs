// Builds this package as it is published; `npm run build` of the repository runs it after the others.
import { emit } from './build/emit.mts'

await emit()
