// Bundles the self-hosted endpoint into dist/trailkeep.mjs: one file that starts fast.
import { build } from 'esbuild';

await build({
  entryPoints: ['packages/server/src/main.ts'],
  outfile: 'dist/trailkeep.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  // The SDK's CommonJS build cannot be shaken: it would bring all of the client along.
  mainFields: ['module', 'main'],
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // Native code cannot be bundled; it is loaded from node_modules.
  external: ['@photostructure/sqlite'],
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as trailkeepRequire } from 'node:module';\nconst require = trailkeepRequire(import.meta.url);",
  },
});
