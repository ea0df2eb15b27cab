import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineSplitter, recordSplitter, type Splitter } from './split-records.ts';

describe('splitting documents', () => {
  test.each([
    ['one record', '{"a":1}', ['{"a":1}']],
    ['records one after another', '{"a":1} {"a":2}\n{"a":3}', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['an array', ' [ {"a":[1,{"b":2}]} , {"a":"]"} ] ', ['{"a":[1,{"b":2}]}', '{"a":"]"}']],
    ['a log file', '{"Records":[{"a":1},{"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['an empty log file', '{"Records":[]}', []],
    [
      'log files one after another',
      '{"Records":[{"a":1}]}{"Records":[{"a":2}]}',
      ['{"a":1}', '{"a":2}'],
    ],
    [
      'members around Records',
      '{"x":{"Records":[{}]},"Records":[{"a":1}],"y":[{"b":1}]}',
      ['{"a":1}'],
    ],
    ['an array of log files', '[{"Records":[{"a":1}]},{"a":2}]', ['{"a":1}', '{"a":2}']],
    ['records that hold Records deeper', '{"p":{"Records":[1]}}', ['{"p":{"Records":[1]}}']],
    ['Records as a value', '{"k":"Records","l":[1]}', ['{"k":"Records","l":[1]}']],
    ['brackets and quotes in strings', '{"a":"}]\\"{"}', ['{"a":"}]\\"{"}']],
    ['nothing', ' \n', []],
  ])('%s', (_, text, expected) => {
    for (let size = 1; size <= text.length + 1; size++) {
      expect(split(recordSplitter, text, size)).toEqual([expected, undefined]);
    }
  });

  test.each([
    ['text,more', 'expected a record at byte 0'],
    ['[1]', 'expected a record at byte 1'],
    ['{"a":1}]', 'expected a record at byte 7'],
    ['[{"a":1}}', 'expected a record at byte 8'],
    ['[{"a":1}', 'the file ends inside an array of records'],
    ['{"a":1', 'the file ends inside a record'],
    ['{"Records":[{"a":1}]', 'the file ends inside an array of records'],
    ['['.repeat(50), 'expected a record at byte 16'],
  ])('%s is not read beyond the place where it breaks', (text, problem) => {
    expect(split(recordSplitter, text, 3)[1]).toBe(problem);
  });

  test('a record that is too long is left out, wherever the chunks end', () => {
    const text = `[{"a":1},{"b":"${'x'.repeat(100)}"},{"c":3}]`;
    for (let size = 1; size <= text.length; size++) {
      expect(split(recordSplitter, text, size)[0]).toEqual(['{"a":1}', undefined, '{"c":3}']);
    }
  });

  test('any records come out as they went in', () => {
    const records = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }));
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 50 }), (values, size) => {
        const texts = values
          .map((value) => JSON.stringify({ ...value, ...noContainers }))
          .filter((text) => Buffer.byteLength(text) <= 60);
        const file = JSON.stringify({ Records: '' }).replace('""', () => `[${texts.join(',')}]`);
        expect(split(recordSplitter, file, size)).toEqual([texts, undefined]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('splitting lines', () => {
  test('gives every line that is not blank, wherever the chunks end', () => {
    const text = '{"a":1}\r\n\n  \n{"b":2}\nbroken\n{"c":3}';
    for (let size = 1; size <= text.length; size++) {
      const expected = ['{"a":1}\r', '{"b":2}', 'broken', '{"c":3}'];
      expect(split(lineSplitter, text, size)).toEqual([expected, undefined]);
    }
  });

  test('leaves out a line that is too long', () => {
    const text = `a\n${'x'.repeat(61)}\n${'y'.repeat(60)}\n`;
    for (const size of [1, 7, 200]) {
      expect(split(lineSplitter, text, size)[0]).toEqual(['a', undefined, 'y'.repeat(60)]);
    }
  });
});

const noContainers = { Records: 1, Events: 1, events: 1, logEvents: 1 };

function split(
  make: (bytesMax: number, emit: (record: Buffer | undefined) => void) => Splitter,
  text: string,
  chunkSize: number,
): [(string | undefined)[], string | undefined] {
  const found: (string | undefined)[] = [];
  const splitter = make(60, (record) => found.push(record?.toString('utf8')));
  const bytes = Buffer.from(text);
  let problem: string | undefined;
  for (let at = 0; at < bytes.length; at += chunkSize) {
    problem ??= splitter.push(Buffer.from(bytes.subarray(at, at + chunkSize)));
  }
  return [found, problem ?? splitter.end()];
}
