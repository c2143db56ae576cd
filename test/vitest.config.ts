import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Folders whose tests drive the built command, the built worker or a packed package.
const onBuild = ['cli', 'clients', 'contracts', 'fuzz', 'packaging', 'rpc', 'threads', 'ui']
const onBuildFiles = onBuild.map((folder) => `test/${folder}/**/*.test.ts`)
const never = ['**/node_modules/**', '**/dist/**', 'test/peers/**']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    maxWorkers: 2,
    setupFiles: ['test/support/same-cases.ts'],
    // Bounds are for what hangs: a machine that others use is ten times slower than one that is free.
    testTimeout: 240_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    expect: { poll: { interval: 20, timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'source',
          include: ['test/**/*.test.ts'],
          exclude: [...never, ...onBuildFiles],
          globalSetup: ['test/support/wasm-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'built',
          include: onBuildFiles,
          exclude: never,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
