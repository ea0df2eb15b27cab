import { isRefusal } from '../refusal.ts';
import { categoriesOf, type SelectorTarget, trailCategories } from './advanced-field-rules.ts';
import { article, checkFields } from './check-advanced-fields.ts';
import { eventSelectorsMax } from './check-basic-selectors.ts';
import { type InvalidEventSelectors, printable, refuseSelectors } from './refuse-selectors.ts';
import {
  type AdvancedEventSelector,
  type AdvancedFieldSelector,
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
  return checkMixture(selectors) ?? { kind: 'advanced', selectors };
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

/** An event data store for other events than AWS's has one category, and it cannot be filtered. */
function checkMixture(
  selectors: readonly AdvancedEventSelector[],
): InvalidEventSelectors | undefined {
  const categories = selectors.map((selector) => categoryOf(selector.FieldSelectors ?? []));
  const alone = categories.find((category) => !trailCategories.includes(category ?? ''));
  return alone === undefined || categories.length === 1
    ? undefined
    : refuseSelectors(
        `An event data store for ${alone} events can have no other advanced event selector. ` +
          'Use another event data store.',
      );
}

function categoryOf(fields: readonly AdvancedFieldSelector[]): string | undefined {
  return fields.find((field) => field.Field === 'eventCategory')?.Equals?.[0];
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
      'Field eventCategory is required in every selector, with the operator Equals and ' +
        `one value. Specify ${allowed.join(', ')}.`,
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

const lineBreak = /[\r\n\u0085\u2028\u2029]/;
