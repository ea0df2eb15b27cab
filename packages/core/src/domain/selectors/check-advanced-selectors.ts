import { isRefusal, refuse } from '../refusal.ts';
import {
  categoriesOf,
  type FieldRule,
  fieldRules,
  type SelectorTarget,
} from './advanced-field-rules.ts';
import { eventSelectorsMax, type InvalidEventSelectors } from './check-basic-selectors.ts';
import { printable } from './printable.ts';
import { isArnOfType } from './resource-arns.ts';
import {
  type AdvancedEventSelector,
  type AdvancedFieldSelector,
  type FieldOperator,
  fieldOperators,
  type TrailSelectors,
} from './selectors.ts';

/** Values in all conditions of all selectors together. */
export const selectorValuesMax = 500;
export const selectorNameCharactersMax = 1000;
export const selectorValueCharactersMax = 2048;

/**
 * The advanced event selectors of a trail or an event data store, as they are kept and answered.
 * Source: API reference, PutEventSelectors, CreateEventDataStore, AdvancedFieldSelector.
 */
export function checkAdvancedSelectors(
  list: readonly AdvancedEventSelector[],
  target: SelectorTarget,
): (TrailSelectors & { readonly kind: 'advanced' }) | InvalidEventSelectors {
  const refusal = checkCount(list, target) ?? checkValueCount(list);
  if (refusal !== undefined) {
    return refusal;
  }
  const selectors: AdvancedEventSelector[] = [];
  for (const selector of list) {
    const invalid = checkSelector(selector, target);
    if (invalid !== undefined) {
      return invalid;
    }
    selectors.push(storedSelector(selector));
  }
  return { kind: 'advanced', selectors };
}

function checkCount(
  list: readonly AdvancedEventSelector[],
  target: SelectorTarget,
): InvalidEventSelectors | undefined {
  if (list.length === 0) {
    return refuseSelectors('Specify at least one advanced event selector.');
  }
  // CreateEventDataStore documents five; for trails only the values are bounded, and the User Guide
  // shows trails with sixteen selectors.
  if (target === 'event-data-store' && list.length > eventSelectorsMax) {
    return refuseSelectors(
      `The event data store cannot have ${list.length} advanced event selectors. ` +
        `Specify up to ${eventSelectorsMax} advanced event selectors for an event data store.`,
    );
  }
  return undefined;
}

function checkValueCount(
  list: readonly AdvancedEventSelector[],
): InvalidEventSelectors | undefined {
  let count = 0;
  for (const selector of list) {
    for (const field of selector.FieldSelectors ?? []) {
      count += fieldOperators.reduce((sum, operator) => sum + (field[operator]?.length ?? 0), 0);
    }
  }
  return count <= selectorValuesMax
    ? undefined
    : refuseSelectors(
        `The advanced event selectors have ${count} values in total. ` +
          `Specify up to ${selectorValuesMax} values for all conditions in all ` +
          'advanced event selectors.',
      );
}

function checkSelector(
  selector: AdvancedEventSelector,
  target: SelectorTarget,
): InvalidEventSelectors | undefined {
  const name = selector.Name ?? '';
  const fields = selector.FieldSelectors ?? [];
  if (name.length > selectorNameCharactersMax || lineBreak.test(name)) {
    return refuseSelectors(
      `Name ${printable(name)} is invalid. Specify a name of up to ` +
        `${selectorNameCharactersMax} characters on one line.`,
    );
  }
  if (fields.length === 0) {
    return refuseSelectors('FieldSelectors is empty. Specify at least one field selector.');
  }
  const seen = new Set<string>();
  for (const field of fields) {
    const invalid = checkOperators(field) ?? checkNotSeen(field, seen);
    if (invalid !== undefined) {
      return invalid;
    }
    seen.add(field.Field ?? '');
  }
  const category = checkCategory(fields, target);
  return isRefusal<'InvalidEventSelectorsException'>(category)
    ? category
    : checkFields(fields, category, target);
}

function checkOperators(field: AdvancedFieldSelector): InvalidEventSelectors | undefined {
  const name = printable(field.Field ?? '');
  if (name === '') {
    return refuseSelectors('Field is required in every field selector.');
  }
  const used = fieldOperators.filter((operator) => field[operator] !== undefined);
  if (used.length === 0) {
    return refuseSelectors(
      `Field ${name} has no operator. Specify one of ${fieldOperators.join(', ')}.`,
    );
  }
  for (const operator of used) {
    const values = field[operator] ?? [];
    if (values.length === 0) {
      return refuseSelectors(
        `${operator} for ${name} has no values. Specify at least one, or leave the operator out.`,
      );
    }
    const invalid = values.find(
      (value) =>
        value.length < 1 || value.length > selectorValueCharactersMax || lineBreak.test(value),
    );
    if (invalid !== undefined) {
      return refuseSelectors(
        `Value ${printable(invalid)} for ${name} is invalid. Specify a value of 1 to ` +
          `${selectorValueCharactersMax} characters on one line.`,
      );
    }
  }
  return undefined;
}

function checkNotSeen(
  field: AdvancedFieldSelector,
  seen: ReadonlySet<string>,
): InvalidEventSelectors | undefined {
  return seen.has(field.Field ?? '')
    ? refuseSelectors(
        `Field ${printable(field.Field ?? '')} is specified more than once in a selector. ` +
          'Put all its operators and values in one field selector, or add another selector.',
      )
    : undefined;
}

function checkCategory(
  fields: readonly AdvancedFieldSelector[],
  target: SelectorTarget,
): string | InvalidEventSelectors {
  const allowed = categoriesOf(target);
  const field = fields.find((candidate) => candidate.Field === 'eventCategory');
  const [category, ...others] = field?.Equals ?? [];
  if (field === undefined || category === undefined || others.length > 0 || usesNonEquals(field)) {
    return refuseSelectors(
      'Field eventCategory is required in every selector, with the operator Equals and one value. ' +
        `Specify ${allowed.join(', ')}.`,
    );
  }
  return allowed.includes(category)
    ? category
    : refuseSelectors(
        `Value ${printable(category)} for eventCategory is invalid on ${article(target)}. ` +
          `Specify ${allowed.join(', ')}.`,
      );
}

function usesNonEquals(field: AdvancedFieldSelector): boolean {
  return fieldOperators.some((operator) => operator !== 'Equals' && field[operator] !== undefined);
}

function checkFields(
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

/** Only what was given, in the API's members: what PutEventSelectors echoes. */
function storedSelector(selector: AdvancedEventSelector): AdvancedEventSelector {
  const fields = (selector.FieldSelectors ?? []).map((field) => {
    const operators = fieldOperators.flatMap((operator) => {
      const values = field[operator];
      return values === undefined ? [] : [[operator, [...values]] as const];
    });
    return { Field: field.Field, ...Object.fromEntries(operators) };
  });
  return selector.Name === undefined
    ? { FieldSelectors: fields }
    : { Name: selector.Name, FieldSelectors: fields };
}

function article(target: SelectorTarget): string {
  return target === 'trail' ? 'a trail' : 'an event data store';
}

function refuseSelectors(sentence: string): InvalidEventSelectors {
  return refuse('InvalidEventSelectorsException', sentence);
}

const lineBreak = /[\r\n\u0085\u2028\u2029]/;
