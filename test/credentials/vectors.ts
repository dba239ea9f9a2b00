import { readFileSync } from 'node:fs'

/** The content of one file in `test/vectors/`. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'))
}
