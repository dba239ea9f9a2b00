import type { PullProgress } from './progress.js'

/**
 * One line for a terminal: a bar, the share, the bytes and the layers.
 *
 * @param width Characters between the brackets. Default 30.
 * @example `[##########....................]  33 % 4.2 MB of 12.6 MB, 5 layers, downloading`
 */
export function formatProgress(progress: PullProgress, width = 30): string {
  const { phase, doneBytes, totalBytes, layers } = progress
  const share = phase === 'complete' ? 1 : totalBytes === 0 ? 0 : doneBytes / totalBytes
  const bar = '#'.repeat(Math.round(share * width)).padEnd(width, '.')
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `[${bar}] ${percent} ${size(doneBytes)} of ${size(totalBytes)}, ${layers} ${layers === 1 ? 'layer' : 'layers'}, ${phase}`
}

/** Decimal units, as Docker prints them. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const unit = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit] ?? ''}`
}
