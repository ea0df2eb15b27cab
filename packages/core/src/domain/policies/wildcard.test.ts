import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchArnPattern } from './arn-pattern.ts';
import { literalPattern, matchesPattern, wildcardPattern } from './wildcard.ts';

function fits(pattern: string, text: string): boolean {
  return matchesPattern(wildcardPattern(pattern), text);
}

describe('wildcards', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['?', '', false],
    ['?', 'a', true],
    ['a*c', 'abc', true],
    ['a*c', 'ab', false],
    ['ab*bc', 'abc', false],
    ['*ab*ab*', 'xabyabz', true],
    ['*ab*ab*', 'xaby', false],
    ['a?c*?', 'abc', false],
    ['a?c*?', 'abcd', true],
    ['**', 'x', true],
    ['*aab*', 'aaab', true],
    ['*abaabab*', 'abaabaabab', true],
    ['*aa*aab', 'aaab', false],
    ['A', 'a', false],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });

  test('agree with the definition by recursion', () => {
    const pattern = fc.array(fc.constantFrom('a', 'a', 'b', '*', '?'), { maxLength: 8 });
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (some, other) => {
        const [left, right] = [some.join(''), other.join('')];
        expect(fits(left, right)).toBe(fitsByDefinition(left, right));
      }),
      { numRuns: 5000 },
    );
  });

  test('a literal pattern has none', () => {
    expect(matchesPattern(literalPattern('a*'), 'a*')).toBe(true);
    expect(matchesPattern(literalPattern('a*'), 'ab')).toBe(false);
  });

  test.each([
    ['a*'.repeat(50_000), 'a'.repeat(100_000)],
    ['*a'.repeat(50_000), `${'a'.repeat(99_999)}b`],
    [`*${'a'.repeat(50_000)}b*`, 'a'.repeat(100_000)],
    [`*b${'a'.repeat(49_999)}*`, 'a'.repeat(100_000)],
    [`*${'a?'.repeat(50_000)}*`, 'a'.repeat(2_048)],
    [`*${'?a'.repeat(500)}b*`, 'a'.repeat(2_048)],
    ['*'.repeat(100_000), 'a'.repeat(100_000)],
    ['?'.repeat(100_000), 'a'.repeat(100_000)],
  ])('an evil pattern (case %#) is done in a moment', (pattern, text) => {
    const start = performance.now();
    fits(pattern, text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('ARN patterns', () => {
  const topic = 'arn:aws:sns:us-east-1:123456789012:topic';
  test.each([
    ['*', topic, true],
    ['arn:aws:sns:*:*:topic', topic, true],
    ['arn:aws:sns:*:topic', topic, 'unknown'],
    ['arn:aws:sns:*:*:*:*', topic, false],
    ['arn:aws:s?s:us-east-1:*:to*', topic, true],
    ['arn:*:topic', topic, 'unknown'],
    ['arn:aws:sns:us*:topic', topic, 'unknown'],
    ['arn:aws:*:123456789012:topic:*', topic, false],
    ['arn:aws:sns:*:*:topic', 'arn:aws:sns:us-east-1:123456789012:x:topic', false],
    ['arn:aws:sns:us-east-1:123456789012:*', `${topic}:with:colons`, true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/k:e:y', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
    ['arn:aws:s3:::b', 'arn:aws:s3', false],
  ])('%s and %s: %s', (pattern, arn, expected) => {
    expect(matchArnPattern(wildcardPattern(pattern), arn)).toBe(expected);
  });
});

function fitsByDefinition(pattern: string, text: string): boolean {
  const [first] = pattern;
  const rest = pattern.slice(1);
  if (first === undefined) {
    return text === '';
  }
  if (first === '*') {
    return (
      fitsByDefinition(rest, text) || (text !== '' && fitsByDefinition(pattern, text.slice(1)))
    );
  }
  return (
    text !== '' && (first === '?' || first === text[0]) && fitsByDefinition(rest, text.slice(1))
  );
}
