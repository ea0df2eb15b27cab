import { idOf, readTemplates, type Template, type TemplateFacts } from '../records.ts';
import type { FilledServer } from './filled-server.ts';

export const attributeNames = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const;

export type AttributeName = (typeof attributeNames)[number];

export interface LookupInput {
  readonly LookupAttributes: readonly [{ AttributeKey: AttributeName; AttributeValue: string }];
  /** Seconds since the epoch. */
  readonly StartTime: number;
  readonly EndTime: number;
}

const templates = readTemplates();
const weekSeconds = 7 * 86_400;

/** Values that random records have, half over all time and half in a random week. */
export function lookupInputs(
  { start, end, rounds }: FilledServer,
  name: AttributeName,
  count: number,
): readonly LookupInput[] {
  const random = sequence();
  const records = rounds.reduce((sum, round) => sum + round.count, 0);
  const having = templates.filter(({ facts }) => valuesOf(facts, name).length > 0);
  return Array.from({ length: count }, (_, index) => {
    const values = valuesOf(having[Math.floor(random() * having.length)]!.facts, name);
    const value = name === 'EventId' ? idOf(Math.floor(random() * records)) : values[0]!;
    const from = start + Math.floor(random() * (end - start - weekSeconds));
    const times =
      index % 2 === 0
        ? { StartTime: start, EndTime: end }
        : { StartTime: from, EndTime: from + weekSeconds };
    return { LookupAttributes: [{ AttributeKey: name, AttributeValue: value }], ...times };
  });
}

/** What a record with these facts is found by; of its eventID, whether it has one. */
export function valuesOf(facts: TemplateFacts, name: AttributeName): readonly string[] {
  if (name === 'EventId') return ['any'];
  if (name === 'ResourceType') return facts.resources.flatMap(({ type }) => type || []);
  if (name === 'ResourceName') return facts.resources.flatMap(({ ARN }) => ARN || []);
  return facts[name] ? [facts[name]] : [];
}

/** How many of the first `records` records have the value. */
export function countWith(records: number, name: AttributeName, value: string): number {
  if (name === 'EventId') return 1;
  const has = (template: Template) => valuesOf(template.facts, name).includes(value);
  const whole = Math.floor(records / templates.length);
  const rest = templates.slice(0, records % templates.length);
  return whole * templates.filter(has).length + rest.filter(has).length;
}

function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
