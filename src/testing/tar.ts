const BLOCK = 512

/** A tar archive (POSIX ustar) with one file in it. */
export function tarFile(name: string, contents: Uint8Array, mode: number): Uint8Array {
  const archive = new Uint8Array((1 + Math.ceil(contents.length / BLOCK) + 2) * BLOCK)
  archive.set(header(name, contents.length, mode))
  archive.set(contents, BLOCK)
  return archive
}

function header(name: string, size: number, mode: number): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const write = (offset: number, text: string): void => block.set(new TextEncoder().encode(text), offset)
  const octal = (value: number, width: number): string => value.toString(8).padStart(width, '0')
  write(0, name)
  write(100, octal(mode, 7))
  write(108, octal(0, 7)) // owner
  write(116, octal(0, 7)) // group
  write(124, octal(size, 11))
  write(136, octal(0, 11)) // modification time
  write(148, ' '.repeat(8)) // the checksum is taken with blanks in its place
  write(156, '0') // a regular file
  write(257, 'ustar\0' + '00')
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  write(148, `${octal(checksum, 6)}\0 `)
  return block
}
