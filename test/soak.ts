// Ten minutes of everything at once, with faults by chance: `npm run soak`, or SOAK_SECONDS=20 npm run soak. In the end
// no descriptor, child process or timer is open that was not before, and memory does not grow; every failure on the way
// had the right type, and no secret was in it. The seed is printed; SOAK_SEED has the same chances again.
import { temporaryFolder } from './support/processes.js'
import { proxyUser } from './support/proxies/proxy.js'
import { stranger, user } from './soak/facts.js'
import { helpers, writeHelpers } from './soak/helpers.js'
import type { Bench, Job } from './soak/job.js'
import { Ledger } from './soak/ledger.js'
import { measure, type Measure, measureAtRest } from './soak/measure.js'
import { pulls } from './soak/pulls.js'
import { Random } from './soak/random.js'
import { explanations, registries } from './soak/registries.js'
import { checkSecrets, secrets, upkeep } from './soak/secrets.js'
import { startWorld } from './soak/start-world.js'
import { transports } from './soak/transports.js'
import { inMb, judge } from './soak/verdict.js'

const seconds = Number(process.env['SOAK_SECONDS'] ?? 600)
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000)
/** Of the time, before the first measurement. */
const warmUp = 0.2
const secondsPerLine = Math.min(30, seconds / 4)
const secondsPerSample = Math.min(5, seconds / 40)

console.log(`${seconds} s, seed ${seed}`)
const world = await startWorld(seed, Math.min(25, seconds / 5))
const folder = await temporaryFolder()
await writeHelpers(folder.path)

const base64 = (text: string): string => Buffer.from(text).toString('base64').replaceAll('=', '')
const plainly = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const ledger = new Ledger([
  /canary/,
  ...[user, stranger].map(({ username, password }) => new RegExp(base64(`${username}:${password}`))),
  // Of the proxies, and of the API server.
  ...[proxyUser.password, encodeURIComponent(proxyUser.password), world.facts.apiServer.token].map(
    (secret) => new RegExp(plainly(secret)),
  ),
  new RegExp(base64(`${proxyUser.username}:${proxyUser.password}`)),
  // Any token of a token server.
  /eyJ[\w-]{20,}\.[\w-]+\./,
])
process.on('unhandledRejection', (error) => ledger.find(`unhandled: ${String((error as Error).stack)}`))
process.on('warning', (warning) => ledger.find(`Node warns: ${warning.stack ?? warning.message}`))

/** How many workers each job has. */
const jobs: readonly (readonly [job: Job, workers: number])[] = [
  [pulls, 3],
  [registries, 4],
  [explanations, 1],
  [transports, 2],
  [secrets, 3],
  [upkeep, 1],
  [helpers(folder.path), 2],
]

/** All jobs at once for so long, with faults; then until all of them have ended. */
async function work(duration: number, phase: string, onSample: (sample: Measure) => void): Promise<void> {
  await world.order('storm')
  const endsAt = performance.now() + duration * 1000
  const isOver = (): boolean => performance.now() > endsAt
  const sampling = setInterval(() => onSample(measure()), secondsPerSample * 1000)
  const lines = setInterval(printLine, secondsPerLine * 1000)
  const workers = jobs.flatMap(([job, count]) =>
    Array.from({ length: count }, async (_, index) => {
      const random = new Random(seed, `${phase} ${job.name} ${index}`)
      const bench: Bench = {
        get facts() {
          return world.facts
        },
        ...{ ledger, random, index, isOver },
      }
      await job(bench).catch((error: unknown) => ledger.find(`a worker fell: ${String((error as Error).stack)}`))
    }),
  )
  await Promise.all(workers)
  clearInterval(sampling)
  clearInterval(lines)
  await world.order('calm')
}

function printLine(): void {
  const { at, heap, rss, descriptors, children } = measure()
  const operations = [...ledger.operations.values()].reduce((sum, count) => sum + count, 0)
  const sockets = descriptors.filter((one) => one === 'socket').length
  const errors = [...ledger.errors].map(([code, count]) => `${code} ${count}`).join(', ')
  console.log(
    `${at.toFixed(0)} s: ${operations} operations, ${descriptors.length} descriptors (${sockets} sockets), ` +
      `${children.length} children, heap ${inMb(heap)} MB, RSS ${inMb(rss)} MB; ${errors}`,
  )
}

await work(seconds * warmUp, 'warm-up', () => undefined)
const before = await measureAtRest()
const half = performance.now() + seconds * (0.5 - warmUp) * 1000
const samples: Measure[] = []
await work(seconds * (1 - warmUp), 'run', (sample) => {
  if (performance.now() > half) samples.push(sample)
})
await checkSecrets(world.facts, ledger)
const after = await measureAtRest()

console.log('\nOperations: attempts, the slowest end after a stop')
for (const [title, count] of ledger.operations) {
  console.log(`  ${title}: ${count}, ${(ledger.slowestStop.get(title) ?? 0).toFixed(0)} ms`)
  ledger.expect(count < 10 || ledger.succeeded.has(title), `${title} has never succeeded`)
}
const list = (counts: Iterable<readonly [string, number]>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
console.log(`Failures: ${list(ledger.errors)}`)
console.log(`Faults: ${list(Object.entries(world.faults))}`)
console.log(`${ledger.lines} log lines, looked through for secrets, as everything else that may be printed`)
const verdicts = judge(before, samples, after)
for (const { what, isFlat, told } of verdicts) console.log(`${isFlat ? 'flat' : 'GROWS'}  ${what}: ${told}`)
await world.order('stop')
await folder.remove()
const isGood = ledger.findings.length === 0 && verdicts.every(({ isFlat }) => isFlat)
console.log(`${isGood ? 'Passed' : 'FAILED'}: ${ledger.findings.length} findings, seed ${seed}`)
process.exitCode = isGood ? 0 : 1
