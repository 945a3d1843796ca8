import type { Value } from '../sql/sql.ts'

/** A statement of PostgreSQL's own that uses some values more than once: they stand in it by their names. */
export interface NamedStatement<Values> {
  text: string
  /** The values in the order of their numbers in the text. */
  inOrder(values: Values): Value[]
}

/**
 * Tag of such a statement: `… WHERE i.app_id = ${'appId'}`. The same name is the same `$n` wherever it stands; a number is
 * part of the text.
 */
export const byName = <Values extends { [Name in keyof Values]: Value | undefined }>(
  template: TemplateStringsArray,
  ...places: (keyof Values | number)[]
): NamedStatement<Values> => {
  const isName = (place: keyof Values | number): place is keyof Values => typeof place !== 'number'
  const names = [...new Set(places.filter(isName))]
  const spelled = places.map((place) => (isName(place) ? `$${names.indexOf(place) + 1}` : place))
  return {
    text: String.raw({ raw: template }, ...spelled),
    inOrder: (values) => names.map((name) => values[name] ?? null),
  }
}
