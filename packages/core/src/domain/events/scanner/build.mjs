// Compiles scanner.as to scanner.wasm.ts. Needs the package assemblyscript (0.28), which is not
// among the dependencies: the result is committed, and scanner.test.ts compares when it is there.
//   npm i --no-save assemblyscript@0.28 && node packages/core/src/domain/events/scanner/build.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function compileScanner() {
  const { default: asc } = await import('assemblyscript/asc');
  const source = readFileSync(here('scanner.as'), 'utf8');
  let binary;
  const { error, stderr } = await asc.main(
    [
      'scanner.ts',
      ...['--outFile', 'scanner.wasm', '--runtime', 'stub', '--use', 'abort=', '--noAssert'],
      ...['--optimizeLevel', '3', '--enable', 'simd', '--enable', 'bulk-memory'],
      ...['--initialMemory', '32', '--maximumMemory', '32'],
    ],
    {
      readFile: (name) => (name.endsWith('scanner.ts') ? source : null),
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await compileScanner()).match(/.{1,92}/g);
  const text = lines.map((line) => `  '${line}',`).join('\n');
  writeFileSync(
    here('scanner.wasm.ts'),
    `// Made by build.mjs from scanner.as; do not edit.\nexport const scannerWasm = [\n${text}\n].join('');\n`,
  );
}
