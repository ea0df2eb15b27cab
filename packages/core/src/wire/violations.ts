import type { Constraint } from './constraints.ts';
import { wholeMatch } from './java-patterns.ts';

/** Constraints that a value broke: all are counted, the first few are told. */
export interface Violations {
  count: number;
  readonly told: string[];
}

const toldMax = 20;
/** A refused value is told back, but no more of it than this. */
const shownCharactersMax = 256;

export function violate(found: Violations, path: string, value: unknown, rule: string): void {
  found.count += 1;
  if (found.told.length >= toldMax) return;
  const shown = value === null ? 'null' : `'${show(value)}'`;
  found.told.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`);
}

/** AWS's sentence for all of them: `2 validation errors detected: Value ...; Value ...`. */
export function tell(found: Violations): string {
  const errors = found.count === 1 ? 'error' : 'errors';
  return `${found.count} validation ${errors} detected: ${found.told.join('; ')}`;
}

/** The rules that a string, a number, or the size of a list or map breaks, in AWS's words. */
export function* brokenRules(
  constraint: Constraint,
  value: string | number | readonly unknown[],
): Generator<string> {
  const { min, max, pattern } = constraint;
  const measure = typeof value === 'number' ? 'value' : 'length';
  const size = sizeOf(value);
  if (max !== undefined && size > max) yield `Member must have ${measure} ${atMost(max)}`;
  if (min !== undefined && size < min) yield `Member must have ${measure} ${atLeast(min)}`;
  if (typeof value !== 'string') return;
  if (pattern !== undefined && !wholeMatch(pattern).test(value)) yield patternRule(pattern);
  if (constraint.enum !== undefined && !constraint.enum.includes(value)) {
    yield enumRule(constraint.enum);
  }
}

/** Every rule of a constraint; AWS tells them all when the item of a list breaks one. */
export function allRules(constraint: Constraint): string {
  const { min, max, pattern } = constraint;
  const rules: string[] = [];
  if (max !== undefined) rules.push(`Member must have length ${atMost(max)}`);
  if (min !== undefined) rules.push(`Member must have length ${atLeast(min)}`);
  if (pattern !== undefined) rules.push(patternRule(pattern));
  if (constraint.enum !== undefined) rules.push(enumRule(constraint.enum));
  return `[${rules.join(', ')}]`;
}

const atMost = (max: number): string => `less than or equal to ${max}`;
const atLeast = (min: number): string => `greater than or equal to ${min}`;
const patternRule = (pattern: string): string =>
  `Member must satisfy regular expression pattern: ${pattern}`;
const enumRule = (values: readonly string[]): string =>
  `Member must satisfy enum value set: [${values.join(', ')}]`;

function sizeOf(value: string | number | readonly unknown[]): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? scalarCount(value) : value.length;
}

/** Smithy measures a string in Unicode scalar values, not in UTF-16 units. */
function scalarCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1;
  }
  return count;
}

function show(value: unknown): string {
  const text = render(value, shownCharactersMax);
  if (text.length <= shownCharactersMax) return text;
  return `${text.slice(0, shownCharactersMax).replace(/[\ud800-\udbff]$/, '')}...`;
}

/** As Java prints it. Stops beyond `charactersMax`, however large, deep or circular the value. */
function render(value: unknown, charactersMax: number): string {
  if (charactersMax < 0) return '';
  if (typeof value === 'string') return value.slice(0, charactersMax + 1);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value !== 'object' || value === null) return String(value);
  const texts: string[] = [];
  let left = charactersMax;
  for (const [key, item] of Object.entries(value)) {
    if (left < 0) break;
    const prefix = Array.isArray(value) ? '' : `${key.slice(0, left)}=`;
    // At least one less at each level, so that this ends.
    const text = prefix + render(item, left - prefix.length - 1);
    texts.push(text);
    left -= text.length + 2;
  }
  return Array.isArray(value) ? `[${texts.join(', ')}]` : `{${texts.join(', ')}}`;
}
