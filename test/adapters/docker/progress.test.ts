import { describe, expect, it } from 'vitest'
import { formatProgress } from '../../../src/adapters/docker/format-progress.js'
import { type ProgressLine, ProgressTracker, type PullProgress } from '../../../src/adapters/docker/progress.js'

const line = (status: string, id?: string, current?: number, total?: number): ProgressLine => ({
  status,
  ...(id !== undefined && { id }),
  progressDetail: current === undefined ? {} : { current, total },
})

/** As Docker Engine 20.10 reports a pull of two layers, one of which it has. */
const pull = [
  line('Pulling from acme/hello', 'v1'),
  line('Already exists', 'aaa'),
  line('Pulling fs layer', 'bbb'),
  line('Pulling fs layer', 'ccc'),
  line('Waiting', 'ccc'),
  line('Downloading', 'bbb', 10, 100),
  line('Downloading', 'ccc', 20, 50),
  line('Downloading', 'bbb', 90, 100),
  line('Verifying Checksum', 'ccc'),
  line('Download complete', 'ccc'),
  line('Download complete', 'bbb'),
  line('Extracting', 'bbb', 100, 100),
  line('Pull complete', 'bbb'),
  line('Pull complete', 'ccc'),
  line('Digest: sha256:abc'),
]

function follow(lines: readonly ProgressLine[]): PullProgress[] {
  const tracker = new ProgressTracker()
  const seen = lines.filter((each) => tracker.add(each)).map(() => tracker.snapshot())
  tracker.complete()
  return [...seen, tracker.snapshot()]
}

describe('ProgressTracker', () => {
  it('counts bytes and layers', () => {
    const tracker = new ProgressTracker()
    expect(tracker.snapshot()).toEqual({ phase: 'preparing', layers: 0, totalBytes: 0, doneBytes: 0 })
    for (const each of pull.slice(0, 7)) tracker.add(each)
    expect(tracker.snapshot()).toEqual({
      phase: 'downloading',
      layers: 3,
      totalBytes: 150,
      doneBytes: 30,
      layer: 'ccc',
    })
    for (const each of pull.slice(7)) tracker.add(each)
    expect(tracker.snapshot()).toMatchObject({ phase: 'extracting', totalBytes: 150, doneBytes: 150 })
    tracker.complete()
    expect(tracker.snapshot().phase).toBe('complete')
  })

  it('never goes back: not when an engine starts a layer again, nor in a second attempt', () => {
    const again = [...pull.slice(0, 8), line('Downloading', 'bbb', 5, 100), ...pull]
    const seen = follow(again)
    const phases = ['preparing', 'downloading', 'extracting', 'complete']
    for (const [index, now] of seen.slice(1).entries()) {
      const before = seen[index]!
      expect(now.doneBytes).toBeGreaterThanOrEqual(before.doneBytes)
      expect(now.totalBytes).toBeGreaterThanOrEqual(before.totalBytes)
      expect(phases.indexOf(now.phase)).toBeGreaterThanOrEqual(phases.indexOf(before.phase))
      expect(now.doneBytes).toBeLessThanOrEqual(now.totalBytes)
    }
  })

  it('leaves out what is not about a layer, and what makes no sense', () => {
    const tracker = new ProgressTracker()
    for (const each of [{}, line('Digest: sha256:abc'), line('Pulling from x', 'v1'), { status: 3, id: 4 }]) {
      expect(tracker.add(each)).toBe(false)
    }
    expect(tracker.add({ status: 'Downloading', id: 'a', progressDetail: { current: 'x', total: null } })).toBe(true)
    expect(tracker.snapshot()).toMatchObject({ layers: 1, doneBytes: 0, totalBytes: 0 })
  })
})

describe('formatProgress', () => {
  it('draws a bar of one line', () => {
    const progress = { phase: 'downloading', layers: 5, totalBytes: 12_600_000, doneBytes: 4_200_000 } as const
    expect(formatProgress(progress)).toBe(
      '[##########....................]  33 % 4.2 MB of 12.6 MB, 5 layers, downloading',
    )
    expect(formatProgress({ phase: 'preparing', layers: 0, totalBytes: 0, doneBytes: 0 }, 4)).toBe(
      '[....]   0 % 0 B of 0 B, 0 layers, preparing',
    )
    expect(formatProgress({ phase: 'complete', layers: 1, totalBytes: 999, doneBytes: 999 }, 4)).toBe(
      '[####] 100 % 999 B of 999 B, 1 layer, complete',
    )
  })
})
