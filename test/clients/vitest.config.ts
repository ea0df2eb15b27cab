import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, '../..'),
    include: ['test/clients/**/*.test.ts'],
    globalSetup: [resolve(import.meta.dirname, 'find-tools.ts')],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Each file starts servers of its own and some watch the clock: one after the other.
    fileParallelism: false,
    reporters: ['verbose'],
    // The SDK's remark on the version of Node would stand between the results.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
