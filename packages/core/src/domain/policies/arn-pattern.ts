import type { Verdict } from './verdict.ts';
import { matchesPattern, type Pattern, splitPattern } from './wildcard.ts';

/**
 * Whether `arn` fits a pattern of an ARN: the parts between colons are compared one by one, so that
 * a wildcard does not reach beyond its part; only in the last part of the pattern it may. For a
 * pattern of fewer parts than an ARN has, whose wildcards would have to reach further, AWS does not
 * say: 'unknown'. Source: IAM User Guide, "IAM JSON policy elements: Resource".
 */
export function matchArnPattern(pattern: Pattern, arn: string): Verdict {
  const patternParts = splitPattern(pattern, colonUnit);
  if (matchesByPart(pattern, patternParts, arn)) {
    return true;
  }
  return patternParts.length < arnParts && matchesPattern(pattern, arn) ? 'unknown' : false;
}

function matchesByPart(pattern: Pattern, patternParts: readonly Pattern[], arn: string): boolean {
  const count = Math.min(patternParts.length, arnParts);
  const parts = arn.split(':');
  if (parts.length < count) {
    return false;
  }
  for (let index = 0; index < count - 1; index += 1) {
    if (!matchesPattern(patternParts[index] ?? [], parts[index] ?? '')) {
      return false;
    }
  }
  const skipped = patternParts.slice(0, count - 1).reduce((sum, part) => sum + part.length + 1, 0);
  return matchesPattern(pattern.slice(skipped), parts.slice(count - 1).join(':'));
}

/** arn:partition:service:region:account:resource, where the resource may have colons of its own. */
const arnParts = 6;

const colonUnit = ':'.charCodeAt(0);
