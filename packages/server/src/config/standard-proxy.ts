import type { Environment } from './config.ts'

/**
 * The proxy for https that the machine's environment names, as other programs read it: `HTTPS_PROXY`, unless `NO_PROXY`
 * names the host; in small letters first. Undefined where there is none.
 */
export function standardProxy(env: Environment, host: string): string | undefined {
  const said = (name: string): string => (env[name.toLowerCase()]?.trim() || env[name]?.trim()) ?? ''
  const spared = said('NO_PROXY')
    .split(/[\s,]+/)
    .map((one) =>
      one
        .toLowerCase()
        .replace(/^\*?\./, '')
        .replace(/:443$/, ''),
    )
    .some((one) => one === '*' || one === host || (one !== '' && host.endsWith(`.${one}`)))
  return spared ? undefined : said('HTTPS_PROXY') || undefined
}
