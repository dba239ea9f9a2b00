import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** `npm run check:package`: what is published, as its users get it. Slower than the tests, and a run of its own. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.check.ts'],
    globalSetup: join(import.meta.dirname, 'support/setup.ts'),
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // As many installations, compilers and bundlers at once as a small machine has cores for.
    maxWorkers: 1,
    maxConcurrency: 3,
  },
})
