import { keySpaces } from './key-tables.ts';
import { scannerWasm } from './scanner.wasm.ts';

/** What we use of WebAssembly; its types come with the browser's library, which is not ours. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  scan(at: number): number;
  addKey(space: number, entry: number): void;
  addText(slot: number, at: number, length: number, id: number, textAt: number): number;
  clearTexts(slot: number): void;
}

/** The scanner's program and its memory, as bytes, words and doubles. */
export interface Wasm {
  readonly exports: Exports;
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

export function instantiate(): Wasm {
  const module = new WebAssembly.Module(Buffer.from(scannerWasm, 'base64'));
  const exports = new WebAssembly.Instance(module).exports as Exports;
  const { buffer } = exports.memory;
  const bytes = Buffer.from(buffer);
  bytes.write('root', rootText, 'latin1');
  keySpaces.forEach((keys, space) => {
    const at = keyTables + space * keySpaceBytes;
    keys.forEach((key, i) => {
      const entry = at + 64 + (i + 1) * 64;
      bytes.writeUInt32LE(key.name.length, entry);
      bytes.writeUInt32LE(key.kind, entry + 4);
      bytes.writeUInt32LE(key.slot ?? 0, entry + 8);
      bytes.writeUInt32LE(key.bytesMax ?? 0, entry + 12);
      bytes.write(key.name, entry + 16, 'latin1');
      exports.addKey(at, i + 1);
    });
  });
  return { exports, bytes, words: new Int32Array(buffer), doubles: new Float64Array(buffer) };
}

/** Places in memory, as scanner.as has them. */
const rootText = 4096;
const keyTables = 8192;
const keySpaceBytes = 8192;
