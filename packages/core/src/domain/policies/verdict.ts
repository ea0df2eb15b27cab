/**
 * What is known about a part of a statement. What this evaluator does not understand is neither
 * true nor false: an Allow must be true to count, a Deny counts unless it is false.
 */
export type Verdict = true | false | 'unknown';

export function not(verdict: Verdict): Verdict {
  return verdict === 'unknown' ? 'unknown' : !verdict;
}

export function anyVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) {
    return true;
  }
  return verdicts.includes('unknown') ? 'unknown' : false;
}

export function allVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) {
    return false;
  }
  return verdicts.includes('unknown') ? 'unknown' : true;
}
