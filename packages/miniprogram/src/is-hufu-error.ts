import type { HufuError } from './types.ts'

/**
 * Whether a caught value is an error of this package.
 *
 * By name and not by class: an independent subpackage has its own copy of the package, and of any class in it.
 */
export function isHufuError(error: unknown): error is HufuError {
  return !!error && (error as { name?: unknown }).name === 'HufuError'
}
