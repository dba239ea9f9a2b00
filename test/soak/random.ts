/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number, stream = '') {
    this.#state = seed
    for (let at = 0; at < stream.length; at++) this.#state = Math.imul(this.#state ^ stream.charCodeAt(at), 16_777_619)
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** True so often. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next()
  }

  /** A whole number from 0, below `count`. */
  index(count: number): number {
    return Math.floor(this.next() * count)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.index(choices.length)]!
  }
}
