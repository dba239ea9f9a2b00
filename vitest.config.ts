import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real services take a moment to start.
    testTimeout: 30_000,
    hookTimeout: 90_000,
    coverage: { include: ['src/**'] },
  },
})
