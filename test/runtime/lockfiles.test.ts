import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

interface Lockfile {
  packages: Record<string, { resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> }>
}

for (const path of ['package-lock.json', 'e2e/package-lock.json', 'bench/peers/package-lock.json']) {
  const { packages }: Lockfile = JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))

  test(`${path} names the builds for every platform, without which npm ci refuses it`, () => {
    const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !whereFound(place, name)),
    )
    assert.deepEqual(missing, [])
  })

  test(`${path} names no registry, so that everybody's own is asked`, () => {
    const named = Object.entries(packages).filter(([, { resolved, link }]) => resolved !== undefined && !link)
    assert.deepEqual(named, [])
  })

  /** The nearest place upwards, as Node looks for it. */
  function whereFound(place: string, name: string): string | undefined {
    const parts = place.split('/node_modules/')
    const places = parts.map(
      (_, at) => `${parts.slice(0, parts.length - at).join('/node_modules/')}/node_modules/${name}`,
    )
    return [...places, `node_modules/${name}`].find((one) => packages[one])
  }
}
