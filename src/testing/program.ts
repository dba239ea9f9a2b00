/** A processor architecture, by Docker's name for it. */
export type Architecture = 'amd64' | 'arm64'

const LONGEST_MESSAGE = 60_000
const BASE_ADDRESS = 0x400000
const HEADER_SIZE = 64 + 56 // ELF header and one program header

/**
 * A static Linux program that writes `message` to its standard output and ends with status 0, or with `stays` waits
 * until it is killed: the smallest thing that a container can run, so that an image can be made without a compiler and
 * without a base image.
 *
 * Layout: System V ABI, ELF-64; one loadable segment that holds headers, code and text.
 *
 * @throws {TypeError} `message` has more than 60,000 bytes.
 */
export function helloProgram(message: string, architecture: Architecture, stays = false): Uint8Array {
  const text = new TextEncoder().encode(message)
  // The instruction that takes the length has 16 bits for it.
  if (text.length > LONGEST_MESSAGE) throw new TypeError(`message must have ${LONGEST_MESSAGE} bytes at most`)
  const code = architecture === 'amd64' ? amd64Code(text.length, stays) : arm64Code(text.length, stays)
  const program = new Uint8Array(HEADER_SIZE + code.length + text.length)
  program.set(elfHeader(program.length, architecture === 'amd64' ? 62 : 183))
  program.set(code, HEADER_SIZE)
  program.set(text, HEADER_SIZE + code.length)
  return program
}

function elfHeader(size: number, machine: number): Uint8Array {
  const header = new Uint8Array(HEADER_SIZE)
  const view = new DataView(header.buffer)
  const u16 = (offset: number, value: number): void => view.setUint16(offset, value, true)
  const u32 = (offset: number, value: number): void => view.setUint32(offset, value, true)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // magic, 64 bit, little endian, version
  u16(16, 2) // executable
  u16(18, machine)
  u32(20, 1)
  u32(24, BASE_ADDRESS + HEADER_SIZE) // entry
  u32(32, 64) // program headers start here
  u16(52, 64)
  u16(54, 56)
  u16(56, 1)
  u32(64, 1) // loadable
  u32(68, 5) // readable, executable
  u32(80, BASE_ADDRESS)
  u32(88, BASE_ADDRESS)
  u32(96, size)
  u32(104, size)
  u32(112, 0x1000)
  return header
}

function amd64Code(length: number, stays: boolean): Uint8Array {
  const exit = [
    ...[0xb8, 60, 0, 0, 0], // mov eax, 60 (exit)
    ...[0x31, 0xff], // xor edi, edi
    ...[0x0f, 0x05], // syscall
  ]
  const wait = [
    ...[0xb8, 34, 0, 0, 0], // mov eax, 34 (pause)
    ...[0x0f, 0x05], // syscall
    ...[0xeb, 0xf7], // and again
  ]
  const code = new Uint8Array([
    ...[0xb8, 1, 0, 0, 0], // mov eax, 1 (write)
    ...[0xbf, 1, 0, 0, 0], // mov edi, 1 (standard output)
    ...[0x48, 0x8d, 0x35, 16, 0, 0, 0], // lea rsi, [rip + 16] (the text behind the code)
    ...[0xba, 0, 0, 0, 0], // mov edx, length
    ...[0x0f, 0x05], // syscall
    ...(stays ? wait : exit),
  ])
  new DataView(code.buffer).setUint32(18, length, true)
  return code
}

function arm64Code(length: number, stays: boolean): Uint8Array {
  const exit = [
    0xd2800000, // mov x0, 0
    0xd2800ba8, // mov x8, 93 (exit)
    0xd4000001, // svc 0
  ]
  const wait = [
    0xd2800000, // mov x0, 0
    0xd2800001, // mov x1, 0
    0xd2800002, // mov x2, 0
    0xd2800003, // mov x3, 0
    0xd2800928, // mov x8, 73 (ppoll, of nothing and for ever)
    0xd4000001, // svc 0
    0x17fffffa, // and again
  ]
  const end = stays ? wait : exit
  const instructions = [
    0xd2800020, // mov x0, 1 (standard output)
    0x10000001 | (((4 + end.length) * 4) << 3), // adr x1, the text behind the code
    0xd2800002 | (length << 5), // mov x2, length
    0xd2800808, // mov x8, 64 (write)
    0xd4000001, // svc 0
    ...end,
  ]
  const code = new Uint8Array(instructions.length * 4)
  const view = new DataView(code.buffer)
  instructions.forEach((instruction, index) => view.setUint32(index * 4, instruction, true))
  return code
}
