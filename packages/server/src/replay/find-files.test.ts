import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFiles } from './find-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'find-'));
  const digests = 'AWSLogs/1/CloudTrail-Digest';
  const logs = 'AWSLogs/1/CloudTrail/us-east-1';
  for (const folder of [digests, logs]) mkdirSync(join(root, folder), { recursive: true });
  const names = ['b.json', 'a.ndjson.gz', 'notes.txt', 'c.jsonl', 'x.json.tmp'];
  names.push(`${logs}/1.json.gz`, `${logs}/2.json.gz`, `${digests}/d.json.gz`);
  for (const name of names) writeFileSync(join(root, name), 'abc');
  symlinkSync(root, join(root, 'round'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('finding files', () => {
  test('takes all record files of a folder, sorted, without digests', async () => {
    const logs = 'AWSLogs/1/CloudTrail/us-east-1';
    const expected = [`${logs}/1.json.gz`, `${logs}/2.json.gz`, 'a.ndjson.gz', 'b.json', 'c.jsonl'];
    expect(await found('')).toEqual(expected);
  });

  test('takes a file whatever its name', async () => {
    expect(await found('notes.txt')).toEqual(['notes.txt']);
    expect((await findFiles([join(root, 'notes.txt')])).files[0]?.bytes).toBe(3);
  });

  test.each([
    ['*.json', ['b.json']],
    ['?.json*', ['b.json', 'c.jsonl']],
    ['**/*.json.gz', ['1.json.gz', '2.json.gz', 'd.json.gz']],
    ['AWSLogs/*/CloudTrail/**', ['1.json.gz', '2.json.gz']],
  ])('understands the pattern %s', async (pattern, expected) => {
    const names = (await found(pattern)).map((name) => name.split('/').at(-1));
    expect(names.filter((name) => name !== 'x.json.tmp').sort()).toEqual([...expected].sort());
  });

  test('says when there is nothing', async () => {
    const { files, problems } = await findFiles([join(root, 'none.json'), join(root, '*.csv')]);
    expect(files).toEqual([]);
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringMatching(/ENOENT/),
      'no record files are there',
    ]);
  });
});

async function found(path: string): Promise<string[]> {
  const { files } = await findFiles([join(root, path)]);
  return files.map((file) => relative(root, file.path));
}
