import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readJsonLines } from '../../../src/adapters/docker/json-lines.js'

async function read(...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const value of readJsonLines(Readable.from(chunks))) values.push(value)
  return values
}

describe('readJsonLines', () => {
  it('reads a value a line, whatever ends it', async () => {
    expect(await read('{"a":1}\r\n{"b":2}\n\n{"c":3}')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
  })

  it('goes on over chunks that end in the middle of a line, and of a character', async () => {
    const bytes = new TextEncoder().encode('{"status":"größer ✓"}\n{"status":"2"}')
    expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([
      { status: 'größer ✓' },
      { status: '2' },
    ])
  })

  it('is empty for an empty stream', async () => {
    expect(await read()).toEqual([])
    expect(await read('', '\n')).toEqual([])
  })

  it('refuses what is not JSON, without quoting it', async () => {
    await expect(read('{"a":1}\n<html>canary</html>\n')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN',
      message: expect.not.stringContaining('canary') as string,
    })
    await expect(read('{"a":')).rejects.toMatchObject({ code: 'ERR_UNKNOWN' })
  })

  it('refuses a line without an end', async () => {
    const chunks = Array.from({ length: 20 }, () => 'x'.repeat(100_000))
    await expect(read(...chunks)).rejects.toThrow('1 MiB')
  })
})
