// Bundles the benchmark, which is TypeScript of several processes, and runs it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: ['main', 'load', 'null-server', 'gzip', 'usage'].map((name) => here(`./${name}.ts`)),
  outdir: here('../dist/bench'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
});

await import(new URL('../dist/bench/main.mjs', import.meta.url));
