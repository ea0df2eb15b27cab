import { matchArnPattern } from './arn-pattern.ts';
import { isInIpRange } from './ip-range.ts';
import type { PolicyCondition, PolicyVersion } from './policy-document.ts';
import { contextValues, type RequestContext, substitutedPattern } from './request-context.ts';
import { allVerdicts, anyVerdict, not, type Verdict } from './verdict.ts';
import { anyCharacters, matchesPattern, oneCharacter, type Pattern } from './wildcard.ts';

/**
 * Whether a request fulfils one line of a Condition block. A missing key fails an operator, and
 * fulfils a negated one, one with IfExists, and ForAllValues. An operator or a key that is not
 * known here gives 'unknown'. Source: IAM User Guide, "Condition operators", "Single-valued vs.
 * multivalued context keys".
 */
export function matchCondition(
  condition: PolicyCondition,
  version: PolicyVersion,
  context: RequestContext,
): Verdict {
  const values = contextValues(context, condition.key);
  if (values === 'unknown') {
    return 'unknown';
  }
  const given = values === 'absent' ? [] : values;
  if (condition.operator === 'Null') {
    return matchNull(condition.values, given.length === 0);
  }
  const parts = operatorPattern.exec(condition.operator);
  const operator = operators.get(parts?.[2] ?? '');
  if (parts === null || operator === undefined) {
    return 'unknown';
  }
  const [, setOperator, , ifExists] = parts;
  if (given.length === 0) {
    // ForAnyValue needs a value, whatever else the operator says.
    return setOperator === undefined
      ? operator.negated || ifExists !== undefined
      : setOperator === 'ForAllValues';
  }
  const verdicts = given.map((value) => {
    const matched = anyVerdict(
      condition.values.map((wanted) => operator.match(value, wanted, version, context)),
    );
    return operator.negated ? not(matched) : matched;
  });
  // Without a set operator a key should have one value; if not, be as strict as the operator is.
  const all = setOperator === 'ForAllValues' || (setOperator === undefined && operator.negated);
  return all ? allVerdicts(verdicts) : anyVerdict(verdicts);
}

/** One value of the request against one value of the policy. */
type Match = (
  value: string,
  wanted: string,
  version: PolicyVersion,
  context: RequestContext,
) => Verdict;

interface Operator {
  readonly match: Match;
  readonly negated: boolean;
}

const operatorPattern = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

function matchNull(wanted: readonly string[], isAbsent: boolean): Verdict {
  return anyVerdict(
    wanted.map((text) => {
      const lower = text.toLowerCase();
      return lower === 'true' || lower === 'false' ? isAbsent === (lower === 'true') : 'unknown';
    }),
  );
}

function withPattern(matches: (pattern: Pattern, value: string) => Verdict): Match {
  return (value, wanted, version, context) => {
    const pattern = substitutedPattern(wanted, version, context);
    if (pattern === 'unknown') {
      return 'unknown';
    }
    return pattern === 'absent' ? false : matches(pattern, value);
  };
}

const stringLike = withPattern(matchesPattern);
const stringEquals = withPattern((pattern, value) => textOf(pattern) === value);
const stringEqualsIgnoreCase = withPattern(
  (pattern, value) => textOf(pattern).toLowerCase() === value.toLowerCase(),
);
const arnLike = withPattern(matchArnPattern);

/** StringEquals knows no wildcards: its stars and question marks are characters. */
function textOf(pattern: Pattern): string {
  return pattern
    .map((unit) => {
      if (unit === anyCharacters) {
        return '*';
      }
      return unit === oneCharacter ? '?' : String.fromCharCode(unit);
    })
    .join('');
}

function bool(value: string, wanted: string): Verdict {
  return value.toLowerCase() === wanted.toLowerCase();
}

function binaryEquals(value: string, wanted: string): Verdict {
  return value === wanted;
}

function ipAddress(value: string, wanted: string): Verdict {
  return isInIpRange(value, wanted) ?? 'unknown';
}

type Compare = (left: number, right: number) => boolean;

function numeric(compare: Compare): Match {
  return (value, wanted) => compareBy(parseNumber, compare, value, wanted);
}

function date(compare: Compare): Match {
  return (value, wanted) => compareBy(parseTime, compare, value, wanted);
}

function compareBy(
  parse: (text: string) => number | undefined,
  compare: Compare,
  value: string,
  wanted: string,
): Verdict {
  const left = parse(value);
  const right = parse(wanted);
  return left === undefined || right === undefined ? 'unknown' : compare(left, right);
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? Number(text) : undefined;
}

/** ISO 8601, or seconds since the epoch; answered in milliseconds. */
function parseTime(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text) && text.length !== 4) {
    return Number(text) * 1000;
  }
  const time = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

const isoTime =
  /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/;

const comparisons: readonly (readonly [string, Compare, boolean])[] = [
  ['Equals', (left, right) => left === right, false],
  ['NotEquals', (left, right) => left === right, true],
  ['LessThan', (left, right) => left < right, false],
  ['LessThanEquals', (left, right) => left <= right, false],
  ['GreaterThan', (left, right) => left > right, false],
  ['GreaterThanEquals', (left, right) => left >= right, false],
];

function pair(
  name: string,
  negatedName: string,
  match: Match,
): readonly (readonly [string, Operator])[] {
  return [
    [name, { match, negated: false }],
    [negatedName, { match, negated: true }],
  ];
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...pair('StringEquals', 'StringNotEquals', stringEquals),
  ...pair('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', stringEqualsIgnoreCase),
  ...pair('StringLike', 'StringNotLike', stringLike),
  // AWS documents that the two behave identically.
  ...pair('ArnEquals', 'ArnNotEquals', arnLike),
  ...pair('ArnLike', 'ArnNotLike', arnLike),
  ...pair('IpAddress', 'NotIpAddress', ipAddress),
  ['Bool', { match: bool, negated: false }],
  ['BinaryEquals', { match: binaryEquals, negated: false }],
  ...comparisons.flatMap(([name, compare, negated]): [string, Operator][] => [
    [`Numeric${name}`, { match: numeric(compare), negated }],
    [`Date${name}`, { match: date(compare), negated }],
  ]),
]);
