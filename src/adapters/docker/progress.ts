/** How far a pull is. Numbers never go down, except that `totalBytes` is only known as layers begin. */
export interface PullProgress {
  /** `preparing` until the first layer, then `downloading`, `extracting` once all bytes are here, `complete`. */
  readonly phase: 'preparing' | 'downloading' | 'extracting' | 'complete'
  /** Layers known so far. */
  readonly layers: number
  /** Bytes of the layers known so far, compressed, without those that were there already. */
  readonly totalBytes: number
  /** Bytes downloaded. */
  readonly doneBytes: number
  /** The layer that moved last, by the short id that the engine gives it. */
  readonly layer?: string
}

/** The parts of an engine's progress line that matter here. */
export interface ProgressLine {
  readonly status?: unknown
  readonly id?: unknown
  readonly progressDetail?: unknown
}

interface Layer {
  done: number
  total: number
  downloaded: boolean
}

const phases = ['preparing', 'downloading', 'extracting', 'complete'] as const

/** What the engine says of a layer. */
const downloading = new Set(['Pulling fs layer', 'Waiting', 'Downloading'])
const downloaded = new Set(['Already exists', 'Verifying Checksum', 'Download complete'])
const unpacking = new Set(['Extracting', 'Pull complete'])

/** Gathers an engine's progress lines into numbers. */
export class ProgressTracker {
  readonly #layers = new Map<string, Layer>()
  #phase = 0
  #layer: string | undefined

  /** Takes a line in; false where it is not about a layer. */
  add(line: ProgressLine): boolean {
    const { status, id } = line
    if (typeof status !== 'string' || typeof id !== 'string') return false
    if (!downloading.has(status) && !downloaded.has(status) && !unpacking.has(status)) return false
    const layer = this.#layers.get(id) ?? { done: 0, total: 0, downloaded: false }
    this.#layers.set(id, layer)
    this.#layer = id
    if (status === 'Downloading') advance(layer, line.progressDetail)
    if (!downloading.has(status)) {
      layer.downloaded = true
      layer.done = layer.total
    }
    const extracting = unpacking.has(status) && [...this.#layers.values()].every((each) => each.downloaded)
    this.#phase = Math.max(this.#phase, extracting ? 2 : 1)
    return true
  }

  /** Everything is in place. */
  complete(): void {
    this.#phase = 3
  }

  snapshot(): PullProgress {
    let totalBytes = 0
    let doneBytes = 0
    for (const { total, done } of this.#layers.values()) {
      totalBytes += total
      doneBytes += done
    }
    return {
      phase: phases[this.#phase] ?? 'complete',
      layers: this.#layers.size,
      totalBytes,
      doneBytes,
      ...(this.#layer !== undefined && { layer: this.#layer }),
    }
  }
}

function advance(layer: Layer, detail: unknown): void {
  const { current, total } = (detail ?? {}) as { current?: unknown; total?: unknown }
  if (typeof total === 'number') layer.total = Math.max(layer.total, total)
  if (typeof current === 'number') layer.done = Math.max(layer.done, current)
  layer.total = Math.max(layer.total, layer.done)
}
