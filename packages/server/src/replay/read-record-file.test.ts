import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RecordItem, readRecordFile } from './read-record-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('reading a file of records', () => {
  const two = ['{"a":1}', '{"a":2}'];

  test.each([
    ['NDJSON', '{"a":1}\n{"a":2}\n'],
    ['NDJSON from Windows', '\uFEFF{"a":1}\r\n\r\n{"a":2}'],
    ['a log file', '{"Records":[{"a":1},{"a":2}]}'],
    ['a log file that ends its line', '{"Records":[{"a":1},{"a":2}]}\n'],
    ['log files, one a line', '{"Records":[{"a":1}]}\n{"Records":[{"a":2}]}\n'],
    ['log files after a record, one a line', '{"a":1}\n{"Records":[{"a":2}]}\n'],
    ['log files without a break', '{"Records":[{"a":1}]}{"Records":[{"a":2}]}'],
    ['an array', '[{"a":1},\n{"a":2}]'],
    ['arrays, one a line', '{"a":1}\n[{"a":2}]\n'],
    ['a log file made for people', '{\n  "Records": [\n    {"a":1},\n    {"a":2}\n  ]\n}\n'],
  ])('takes %s, gzipped or not, whatever its name', async (_, content) => {
    for (const bytes of [Buffer.from(content), gzipSync(content), gzipTwice(content)]) {
      expect(textsOf(await read('file', bytes))).toEqual(two);
    }
  });

  test('counts records that cannot be read, and goes on', async () => {
    const content = '{"a":1}\n{"a":\n[1]\n"x"\n{"a":"\u0080"}\n{"a":2}\n';
    const items = await read('file', Buffer.from(content, 'latin1'));
    expect(items.map((item) => ('code' in item ? item.code : item.text))).toEqual([
      '{"a":1}',
      'InvalidJson',
      'InvalidJson',
      'NotAnObject',
      'InvalidUtf8',
      '{"a":2}',
    ]);
    expect(items.map((item) => item.index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('takes the name for NDJSON when the first line is broken', async () => {
    const items = await read('file.ndjson', Buffer.from('{"a":\n{"a":2}\n'));
    expect(items.map((item) => 'code' in item)).toEqual([true, false]);
  });

  test('tells the bytes that it reads', async () => {
    const bytes = gzipSync('{"a":1}\n'.repeat(100_000));
    const path = join(folder, 'file');
    writeFileSync(path, bytes);
    let read = 0;
    let records = 0;
    for await (const items of readRecordFile(path, (count) => (read += count))) {
      records += items.length;
    }
    expect([read, records]).toEqual([bytes.length, 100_000]);
  });

  test.each([
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47]), /expected a record at byte 0/],
    ['a cut log file', Buffer.from('{"Records":[{"a":1},{"a"'), /ends inside a record/],
    ['a cut gzip', gzipSync('{"a":1}\n'.repeat(1000)).subarray(0, 40), /unexpected end of file/],
    ['no gzip after all', Buffer.from([0x1f, 0x8b, 1, 2, 3]), /unknown compression|unexpected end/],
  ])('gives up on %s', async (_, bytes, problem) => {
    await expect(read('file', bytes)).rejects.toThrow(problem);
  });

  test('gives up on a missing file, on a folder, and has no record in an empty file', async () => {
    await expect(collect(join(folder, 'missing'))).rejects.toThrow(/ENOENT/);
    await expect(collect(folder)).rejects.toThrow(/EISDIR/);
    expect(await read('file', Buffer.alloc(0))).toEqual([]);
    expect(await read('file', gzipSync(''))).toEqual([]);
  });

  test('gives up on what inflates without measure', async () => {
    const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024, ' '));
    await expect(read('file', Buffer.concat(Array(10).fill(zeros)))).rejects.toThrow(
      /more than 500 times/,
    );
  });
});

function gzipTwice(content: string): Buffer {
  const half = Math.floor(content.length / 2);
  return Buffer.concat([gzipSync(content.slice(0, half)), gzipSync(content.slice(half))]);
}

async function read(name: string, bytes: Buffer): Promise<RecordItem[]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return collect(path);
}

async function collect(path: string): Promise<RecordItem[]> {
  const all: RecordItem[] = [];
  for await (const items of readRecordFile(path)) all.push(...items);
  return all;
}

function textsOf(items: readonly RecordItem[]): string[] {
  return items.map((item) => ('text' in item ? item.text : item.code));
}
