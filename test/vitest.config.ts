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
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 10_000,
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
