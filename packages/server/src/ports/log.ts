export type Fields = Readonly<Record<string, string | number | boolean>>

/** A log line is an event and flat fields: the type admits no object, so no secret. Identifiers of people stay out. */
export interface Log {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, error: Error, fields?: Fields): void
}
