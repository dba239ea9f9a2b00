import { type Question, refusal, type Reply } from './reply.js'

/**
 * What goes wrong with requests to a test registry: which ones, and one of `status`, `drop`, `cut` and `corrupt`, with or
 * without a `delay`; or a `delay` alone.
 */
export interface TestRegistryFault {
  /** Those whose path, without its query, matches or has this in it. Tokens are given out at `/token`. Default: all. */
  readonly path?: string | RegExp | undefined
  /** Those by this method. Default: all. */
  readonly method?: string | undefined
  /** How many of them. Default 1; `Infinity` for all that come. */
  readonly times?: number | undefined
  /** Seconds before the answer, in real time. `Infinity`: there is none. */
  readonly delay?: number | undefined
  /** They are answered with this status, as a registry would, before anything is looked at. */
  readonly status?: number | undefined
  /** With `status`: sent as well. `{ 'Retry-After': '7' }` */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** With `status`: sent in the place of a registry's own words. */
  readonly body?: string | undefined
  /** The connection is reset in the place of an answer. */
  readonly drop?: boolean | undefined
  /** The connection ends in the middle of the body. Leaves out requests by HEAD, which have none. */
  readonly cut?: boolean | undefined
  /** A byte of the body is another, so that its digest does not fit. Leaves out requests by HEAD, too. */
  readonly corrupt?: boolean | undefined
}

interface Plan {
  readonly fault: TestRegistryFault
  left: number
}

/** The faults that are still to come. */
export class Faults {
  readonly #plans: Plan[] = []

  /** @throws {TypeError} A part of it has the wrong type, or does not go with another. */
  add(fault: TestRegistryFault): void {
    checkFault(fault)
    this.#plans.push({ fault: { ...fault }, left: fault.times ?? 1 })
  }

  /** The fault for a request. */
  take({ method, path }: Question): TestRegistryFault {
    const plan = this.#plans.find(({ fault, left }) => left > 0 && matches(fault, method, path))
    if (!plan) return {}
    plan.left -= 1
    return plan.fault
  }
}

function matches({ path: wanted = '', ...fault }: TestRegistryFault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false
  if (method === 'HEAD' && (fault.cut === true || fault.corrupt === true)) return false
  return typeof wanted === 'string' ? path.includes(wanted) : path.search(wanted) >= 0
}

/** What is sent in the place of a request's proper answer. */
export function spoil(
  fault: TestRegistryFault,
  proper: () => Reply,
  challenge: () => Readonly<Record<string, string>>,
): Reply {
  const { status, headers, body, corrupt } = fault
  if (status !== undefined) {
    const reply = refusal(status, { ...(status === 401 && challenge()), ...lowerCased(headers) })
    return body === undefined ? reply : { ...reply, body }
  }
  const reply = proper()
  return corrupt === true ? { ...reply, body: another(reply.body) } : reply
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** One digit is another one, which JSON stays JSON with; where there is none, the last byte. */
function another(body: Reply['body']): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(body))
  const digit = bytes.findLastIndex((byte) => byte >= 0x30 && byte <= 0x39)
  const at = digit < 0 ? bytes.length - 1 : digit
  return bytes.with(at, (bytes[at] ?? 0) ^ 1)
}

const deeds = ['status', 'drop', 'cut', 'corrupt'] as const

function checkFault(fault: TestRegistryFault): void {
  const { path, method, times, delay, status, headers, body } = fault
  const check = (name: keyof TestRegistryFault, isGood: boolean, wanted: string): void => {
    if (fault[name] !== undefined && !isGood) throw new TypeError(`fail: ${name} must be ${wanted}`)
  }
  check('path', typeof path === 'string' || path instanceof RegExp, 'a text or a regular expression')
  check('method', typeof method === 'string' && method === method.toUpperCase(), 'a method in capital letters')
  check('times', times === Infinity || isWhole(times, 1), 'a whole number above 0')
  check('delay', typeof delay === 'number' && delay >= 0, 'a number of seconds, 0 or more')
  check('status', isWhole(status, 200) && Number(status) <= 599, 'a status from 200 to 599')
  check('headers', isTexts(headers), 'an object of texts')
  check('body', typeof body === 'string', 'a text')
  for (const name of ['drop', 'cut', 'corrupt'] as const) check(name, typeof fault[name] === 'boolean', 'true or false')
  const given = deeds.filter((name) => fault[name] !== undefined && fault[name] !== false)
  if (given.length > 1) throw new TypeError(`fail: ${given.join(' and ')} do not go together`)
  if (given.length === 0 && delay === undefined)
    throw new TypeError('fail: one of status, drop, cut, corrupt and delay must be given')
  if (status === undefined && (headers ?? body) !== undefined)
    throw new TypeError('fail: headers and body go with status')
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isInteger(value) && Number(value) >= least
}

function isTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')
}
