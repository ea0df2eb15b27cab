import { expect, test } from 'vitest';
import { type Constraint, constraints } from './constraints.ts';
import { wholeMatch } from './java-patterns.ts';

test('a pattern must match the whole value, also where it has no anchors', () => {
  expect(wholeMatch(String.raw`\d+`).test('123')).toBe(true);
  expect(wholeMatch(String.raw`\d+`).test('123a')).toBe(false);
  expect(wholeMatch('^arn:.*$').test('x arn:aws')).toBe(false);
  expect(wholeMatch('^[a-z]+$').test('abc\n')).toBe(false);
  expect(wholeMatch('^[0-9]{2}:[0-9]{2}').test('12:345')).toBe(false);
});

test("the dot stops at Java's line ends, unless the pattern says that it does not", () => {
  for (const lineEnd of ['\n', '\r', '\u0085', '\u2028', '\u2029']) {
    expect(wholeMatch('.*').test(`a${lineEnd}b`)).toBe(false);
    expect(wholeMatch('(?s).*').test(`a${lineEnd}b`)).toBe(true);
  }
  expect(wholeMatch('.+').test('a.b 😀')).toBe(true);
  expect(wholeMatch(String.raw`^[\w\s]+$`).test('a\u00a0b')).toBe(false);
  expect(wholeMatch(String.raw`^[\w\s]+$`).test('a\tb')).toBe(true);
});

test('every pattern of the table takes linear time on a hostile value', () => {
  const patterns = patternsOf(Object.values(constraints).flatMap((row) => Object.values(row)));
  expect(patterns.size).toBeGreaterThan(20);
  const values = ['a', '0', '.', '-', '\n', 'a.', 's3://a', 'arn:'].map(
    (unit) => `s3://${unit.repeat(200_000)}!\n`,
  );
  const started = performance.now();
  for (const pattern of patterns) {
    for (const value of values) wholeMatch(pattern).test(value);
  }
  // Quadratic time would be hours; the bound is loose because the machine may be busy.
  expect(performance.now() - started).toBeLessThan(5000);
});

function patternsOf(all: readonly Constraint[]): Set<string> {
  const found = new Set<string>();
  for (const { pattern, member, key, value } of all) {
    if (pattern !== undefined) found.add(pattern);
    const inner = [member, key, value].filter((one) => one !== undefined);
    for (const one of patternsOf(inner)) found.add(one);
  }
  return found;
}
