import { type FieldRule, fieldRules, type SelectorTarget } from './advanced-field-rules.ts';
import { type InvalidEventSelectors, printable, refuseSelectors } from './refuse-selectors.ts';
import { isArnOfType } from './resource-arns.ts';
import { type AdvancedFieldSelector, type FieldOperator, fieldOperators } from './selectors.ts';

/** Whether a selector of `category` may look at these fields, with these operators and values. */
export function checkFields(
  fields: readonly AdvancedFieldSelector[],
  category: string,
  target: SelectorTarget,
): InvalidEventSelectors | undefined {
  const rules = fieldRules(category, target);
  for (const [name, rule] of rules) {
    if (rule.required && !fields.some((field) => field.Field === name)) {
      return refuseSelectors(`Field ${name} is required in a selector for ${category} events.`);
    }
  }
  const resourceType = fields.find((field) => field.Field === 'resources.type')?.Equals?.[0] ?? '';
  for (const field of fields) {
    if (field.Field === 'eventCategory') {
      continue;
    }
    const name = field.Field ?? '';
    const rule = rules.get(name);
    const invalid =
      rule === undefined
        ? refuseSelectors(
            `Field ${printable(name)} is not supported for ${category} events on ` +
              `${article(target)}. Use ${['eventCategory', ...rules.keys()].join(', ')}.`,
          )
        : (checkRule(field, name, rule) ?? checkArns(field, name, resourceType));
    if (invalid !== undefined) {
      return invalid;
    }
  }
  return undefined;
}

function checkRule(
  field: AdvancedFieldSelector,
  name: string,
  rule: FieldRule,
): InvalidEventSelectors | undefined {
  for (const operator of fieldOperators) {
    const values = field[operator];
    if (values === undefined) {
      continue;
    }
    if (!rule.operators.includes(operator)) {
      return refuseSelectors(
        `Operator ${operator} is not supported for ${name}. Use ${rule.operators.join(', ')}.`,
      );
    }
    if (rule.valuesMax !== undefined && values.length > rule.valuesMax) {
      return refuseSelectors(
        `Field ${name} has ${values.length} values. Specify one, and add another selector for ` +
          'each further value.',
      );
    }
    const invalid = values.find((value) => rule.values !== undefined && !rule.values.has(value));
    if (invalid !== undefined) {
      const hint = rule.valuesHint ?? `Specify ${[...(rule.values ?? [])].join(' or ')}.`;
      return refuseSelectors(`Value ${printable(invalid)} for ${name} is invalid. ${hint}`);
    }
  }
  return undefined;
}

const wholeArnOperators: readonly FieldOperator[] = ['Equals', 'NotEquals'];

function checkArns(
  field: AdvancedFieldSelector,
  name: string,
  resourceType: string,
): InvalidEventSelectors | undefined {
  if (name !== 'resources.ARN') {
    return undefined;
  }
  for (const operator of wholeArnOperators) {
    const invalid = field[operator]?.find((value) => !isArnOfType(value, resourceType));
    if (invalid !== undefined) {
      return refuseSelectors(
        `Value ${printable(invalid)} for resources.ARN is invalid. With ${operator} it must be ` +
          `the whole ARN of a resource of type ${resourceType}; to match part of an ARN use ` +
          `${operator === 'Equals' ? 'StartsWith or EndsWith' : 'NotStartsWith or NotEndsWith'}.`,
      );
    }
  }
  return undefined;
}

export function article(target: SelectorTarget): string {
  return target === 'trail' ? 'a trail' : 'an event data store';
}
