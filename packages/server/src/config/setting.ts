import type { HufuOptions } from '../hufu-options.ts'

/** In both languages of the documents. */
export interface Words {
  en: string
  zh: string
}

/** What is known when a setting is read: the mode and those settings that the defaults of others name. */
export interface Known {
  development: boolean
  dataDir: string
  host: string
  port: number | string
  /** `CBR_ENV_ID`, which WeChat Cloud Run sets in its containers. */
  cloudRunEnvironment: string | undefined
}

/** Before anything is read. */
export const NOTHING_KNOWN: Known = {
  development: false,
  dataDir: './data',
  host: '0.0.0.0',
  port: 8787,
  cloudRunEnvironment: undefined,
}

/**
 * One setting: all that is said about it anywhere comes from here, the command's help and the documents' tables included.
 */
export interface Setting<Value> {
  /**
   * The environment variable, and the key in `hufu.config.json`. The same name with `_FILE` names a file that holds the
   * value.
   */
  name: `HUFU_${string}`
  /** The option of `createHufu`, where the library has use for it. */
  option?: keyof HufuOptions
  /** Text, cleaned and not empty unless the default is, to value. Throws a `TypeError` that quotes nothing. */
  parse(value: string, known: Known): Value
  /** Read where nothing is said. Empty text is what `parse` refuses: the setting is required. Absent: the value is undefined. */
  fallback?: string | ((known: Known) => string)
  /** How documents say the default where `fallback` does not. */
  otherwise?: Words
  /** Never printed, and refused in `hufu.config.json`. */
  secret?: true
  /** Names a file or folder: empty text there would silently mean another one, so it is no way to leave it out. */
  isPath?: true
  /** One of the settings of the listener behind WeChat Cloud Run, which go together. */
  cloudRun?: true
  unit?: Words
  /** What it does, and what follows from it. */
  meaning: Words
}

/** A setting that has a value in the end, or stops the start. */
export const setting = <Value>(row: Setting<Value> & { fallback: unknown }): Setting<Value> => row

/** A setting that may have none. */
export const optional = <Value>(row: Setting<Value> & { fallback?: never }): Setting<Value | undefined> => row
