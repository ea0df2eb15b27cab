import type { FieldOperators } from './selectors.ts';

export type TextMatcher = (text: string) => boolean;

/**
 * What a field selector says about a field's value: one that is present, and one that is absent.
 * Equals, StartsWith and EndsWith select together, the Not operators deselect together; an absent
 * value is never selected and never deselected. Source: User Guide, "Filtering data events".
 */
export interface FieldMatcher {
  readonly present: TextMatcher;
  readonly absent: boolean;
}

export function compileField(field: FieldOperators): FieldMatcher {
  const selecting = anyText([
    ...(field.Equals === undefined ? [] : [equalsAny(field.Equals)]),
    ...(field.StartsWith === undefined ? [] : [startsWithAny(field.StartsWith)]),
    ...(field.EndsWith === undefined ? [] : [endsWithAny(field.EndsWith)]),
  ]);
  const deselecting = anyText([
    ...(field.NotEquals === undefined ? [] : [equalsAny(field.NotEquals)]),
    ...(field.NotStartsWith === undefined ? [] : [startsWithAny(field.NotStartsWith)]),
    ...(field.NotEndsWith === undefined ? [] : [endsWithAny(field.NotEndsWith)]),
  ]);
  return { present: combine(selecting, deselecting), absent: selecting === undefined };
}

function combine(
  selecting: TextMatcher | undefined,
  deselecting: TextMatcher | undefined,
): TextMatcher {
  if (selecting === undefined) {
    return deselecting === undefined ? () => true : (text) => !deselecting(text);
  }
  return deselecting === undefined ? selecting : (text) => selecting(text) && !deselecting(text);
}

function anyText(matchers: readonly TextMatcher[]): TextMatcher | undefined {
  const [first, second, third] = matchers;
  if (first === undefined || second === undefined) {
    return first;
  }
  return third === undefined
    ? (text) => first(text) || second(text)
    : (text) => first(text) || second(text) || third(text);
}

/** Up to here a plain loop is as fast as a set or a binary search. */
const fewValues = 4;

export function equalsAny(values: readonly string[]): TextMatcher {
  const [only, second] = values;
  if (only !== undefined && second === undefined) {
    return (text) => text === only;
  }
  if (values.length <= fewValues) {
    return (text) => values.includes(text);
  }
  const set = new Set(values);
  return (text) => set.has(text);
}

export function startsWithAny(values: readonly string[]): TextMatcher {
  const [only, second] = values;
  if (only !== undefined && second === undefined) {
    return (text) => text.startsWith(only);
  }
  if (values.length <= fewValues) {
    return (text) => values.some((value) => text.startsWith(value));
  }
  const starts = withoutCovered(values);
  return (text) => startsWithSorted(starts, text);
}

function endsWithAny(values: readonly string[]): TextMatcher {
  const [only, second] = values;
  return only !== undefined && second === undefined
    ? (text) => text.endsWith(only)
    : (text) => values.some((value) => text.endsWith(value));
}

/** Sorted, without the values that start with another one: they add nothing. */
function withoutCovered(values: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const value of [...values].sort(byCodeUnit)) {
    const last = kept.at(-1);
    if (last === undefined || !value.startsWith(last)) {
      kept.push(value);
    }
  }
  return kept;
}

/**
 * No value here starts with another, so the only one that `text` can start with is the greatest
 * that is not greater than `text`: whatever sorts between a prefix and `text` has that prefix too.
 */
function startsWithSorted(starts: readonly string[], text: string): boolean {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && text.startsWith(starts[low - 1]!);
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
