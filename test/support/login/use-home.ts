import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { temporaryFolder } from '../processes.js'
import { type FakeHelpers, fakeHelpers } from './fake-helper.js'
import { Home } from './home.js'

/** The home directory of the tests of a file. */
export interface TestHome {
  /** Empty at the beginning of each test. The helpers are all that is in its `PATH`. */
  readonly home: Home
  readonly asked: FakeHelpers['asked']
}

/** Sets it up, with a credential helper for each script. */
export function useHome(scripts: Readonly<Record<string, string>> = {}): TestHome {
  const home = new Home('')
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let helpers: FakeHelpers
  let homes = 0

  beforeAll(async () => {
    folder = await temporaryFolder()
    helpers = await fakeHelpers(folder.path, scripts)
    home.PATH = helpers.path
  })
  beforeEach(() => {
    home.path = join(folder.path, `home${homes++}`)
  })
  afterAll(() => folder.remove())

  return { home, asked: () => helpers.asked() }
}
