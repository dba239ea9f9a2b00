import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real services take a moment to start.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      include: ['src/**'],
      reporter: ['text', 'html'],
      // A little under what is measured, so that a fall fails.
      thresholds: {
        branches: 94,
        'src/{reference,credentials,settings,proxy,failures}/**': { branches: 97 },
      },
    },
  },
})
