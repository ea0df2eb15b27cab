import type { RecordFacts, RecordResource } from '../events/record.ts';
import {
  compileField,
  equalsAny,
  type FieldMatcher,
  startsWithAny,
  type TextMatcher,
} from './match-text.ts';
import { isEveryResourceValue } from './resource-arns.ts';
import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  StoredDataResource,
  StoredEventSelector,
} from './selectors.ts';

export type RecordMatcher = (facts: RecordFacts) => boolean;
export type ResourceMatcher = (resource: RecordResource) => boolean;

/**
 * One way in which a record can be logged: all of it must hold. It is taken apart by what can be
 * decided before any record is seen (category, readOnly), per (source, name), and per record.
 */
export interface Clause {
  readonly category: TextMatcher;
  readonly readOnly: (readOnly: boolean | undefined) => boolean;
  readonly source: TextMatcher | undefined;
  readonly name: TextMatcher | undefined;
  readonly rest: RecordMatcher | undefined;
}

export function basicClauses(selector: StoredEventSelector): readonly Clause[] {
  const { ReadWriteType: type, ExcludeManagementEventSources: excluded } = selector;
  const readOnly = (value: boolean | undefined): boolean =>
    type === 'All' || value === (type === 'ReadOnly');
  const data: Clause = {
    category: (category) => category === 'Data',
    readOnly,
    source: undefined,
    name: undefined,
    rest: anyResource(anyOf(selector.DataResources.map(dataResourceMatcher))),
  };
  if (!selector.IncludeManagementEvents) {
    return [data];
  }
  const isExcluded = equalsAny(excluded);
  const management: Clause = {
    category: (category) => category === 'Management',
    readOnly,
    source: excluded.length === 0 ? undefined : (source) => !isExcluded(source),
    name: undefined,
    rest: undefined,
  };
  return selector.DataResources.length === 0 ? [management] : [management, data];
}

/**
 * S3 values are beginnings of object ARNs; function and table ARNs are exact, unless they stand
 * for every resource of the service. Source: API reference, DataResource.
 */
function dataResourceMatcher({ Type, Values }: StoredDataResource): ResourceMatcher {
  const every = Values.filter(isEveryResourceValue);
  const particular = Values.filter((value) => !isEveryResourceValue(value));
  const starts = startsWithAny(every);
  const fits = Type === 'AWS::S3::Object' ? startsWithAny(particular) : equalsAny(particular);
  // Records of calls such as ListObjects can name a type without an ARN.
  const withoutArn = every.length > 0;
  return ({ type, arn }) =>
    type === Type && (arn === undefined ? withoutArn : starts(arn) || fits(arn));
}

export function advancedClause(selector: AdvancedEventSelector): Clause {
  const fields = selector.FieldSelectors ?? [];
  const readOnly = all(fields, 'readOnly');
  const rest = restMatchers(fields);
  return {
    category: textMatcher(all(fields, 'eventCategory')) ?? (() => true),
    readOnly: (value) =>
      readOnly.every((field) =>
        value === undefined ? field.absent : field.present(String(value)),
      ),
    source: textMatcher(all(fields, 'eventSource')),
    name: textMatcher(all(fields, 'eventName')),
    rest: rest.length === 0 ? undefined : everyRecord(rest),
  };
}

function all(fields: readonly AdvancedFieldSelector[], name: string): readonly FieldMatcher[] {
  return fields.filter((field) => field.Field === name).map(compileField);
}

function textMatcher(fields: readonly FieldMatcher[]): TextMatcher | undefined {
  const [only, second] = fields;
  return second === undefined
    ? only?.present
    : (text) => fields.every((field) => field.present(text));
}

type OptionalField = (facts: RecordFacts) => string | undefined;

const optionalFields: ReadonlyMap<string, OptionalField> = new Map<string, OptionalField>([
  ['errorCode', (facts) => facts.errorCode],
  ['eventType', (facts) => facts.eventType],
  ['sessionCredentialFromConsole', (facts) => facts.sessionCredentialFromConsole],
  ['userIdentity.arn', (facts) => facts.userIdentityArn],
  ['vpcEndpointId', (facts) => facts.vpcEndpointId],
]);

const decidedEarlier: ReadonlySet<string> = new Set([
  'eventCategory',
  'eventName',
  'eventSource',
  'readOnly',
]);

function restMatchers(fields: readonly AdvancedFieldSelector[]): readonly RecordMatcher[] {
  const matchers: RecordMatcher[] = [];
  const types = all(fields, 'resources.type');
  const arns = all(fields, 'resources.ARN');
  for (const field of fields) {
    const name = field.Field ?? '';
    if (!decidedEarlier.has(name) && !name.startsWith('resources.')) {
      const read = optionalFields.get(name) ?? (() => undefined);
      matchers.push(optionalMatcher(read, compileField(field)));
    }
  }
  if (types.length + arns.length > 0) {
    // All conditions on resources hold for one and the same resource of the record.
    matchers.push(
      anyResource(
        ({ type, arn }) =>
          types.every((field) => (type === undefined ? field.absent : field.present(type))) &&
          arns.every((field) => (arn === undefined ? field.absent : field.present(arn))),
      ),
    );
  }
  return matchers;
}

function optionalMatcher(read: OptionalField, field: FieldMatcher): RecordMatcher {
  return (facts) => {
    const value = read(facts);
    return value === undefined ? field.absent : field.present(value);
  };
}

function everyRecord(matchers: readonly RecordMatcher[]): RecordMatcher {
  const [only, second] = matchers;
  return only !== undefined && second === undefined
    ? only
    : (facts) => matchers.every((matcher) => matcher(facts));
}

function anyResource(matches: ResourceMatcher): RecordMatcher {
  return (facts) => {
    for (const resource of facts.resources) {
      if (matches(resource)) {
        return true;
      }
    }
    return false;
  };
}

function anyOf(matchers: readonly ResourceMatcher[]): ResourceMatcher {
  const [only, second] = matchers;
  return only !== undefined && second === undefined
    ? only
    : (resource) => matchers.some((matches) => matches(resource));
}
