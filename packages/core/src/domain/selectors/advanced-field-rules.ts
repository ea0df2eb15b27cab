import { excludableSources } from './check-basic-selectors.ts';
import { dataResourceTypes } from './data-resource-types.ts';
import { networkEventSources } from './network-event-sources.ts';
import { type FieldOperator, fieldOperators } from './selectors.ts';

/** What the advanced event selectors are for; the two accept different fields. */
export type SelectorTarget = 'trail' | 'event-data-store';

/** Which operators a field takes, and which values if not any. */
export interface FieldRule {
  readonly operators: readonly FieldOperator[];
  readonly values?: ReadonlySet<string>;
  /** What to say instead of a list of values, when there are too many to list. */
  readonly valuesHint?: string;
  readonly required?: true;
  /** At most so many values in one operator. */
  readonly valuesMax?: number;
}

/** The event categories that selectors of `target` can choose. */
export function categoriesOf(target: SelectorTarget): readonly string[] {
  return target === 'trail' ? trailCategories : [...trailCategories, ...storeOnlyCategories];
}

/**
 * The fields that a selector of `category` can look at, besides eventCategory itself.
 * Source: API reference of April 2026, AdvancedEventSelector and AdvancedFieldSelector;
 * User Guide of April 2026, "Filtering data events", "Logging network activity events".
 */
export function fieldRules(
  category: string,
  target: SelectorTarget,
): ReadonlyMap<string, FieldRule> {
  switch (category) {
    case 'Management':
      return target === 'trail' ? trailManagementFields : storeManagementFields;
    case 'Data':
      return dataFields;
    case 'NetworkActivity':
      return networkActivityFields;
    default:
      return noFields;
  }
}

/** The categories of events in AWS accounts; the others are for event data stores, one each. */
export const trailCategories: readonly string[] = ['Management', 'Data', 'NetworkActivity'];
const storeOnlyCategories = ['Insight', 'ConfigurationItem', 'Evidence', 'ActivityAuditLog'];

const anyOperator: FieldRule = { operators: fieldOperators };
const readOnly: FieldRule = { operators: ['Equals'], values: new Set(['true', 'false']) };
const sessionCredential: FieldRule = {
  operators: ['Equals', 'NotEquals'],
  values: new Set(['true']),
};

const noFields: ReadonlyMap<string, FieldRule> = new Map();

const trailManagementFields: ReadonlyMap<string, FieldRule> = new Map([
  ['eventSource', { operators: ['NotEquals'] as const, values: new Set(excludableSources) }],
  ['readOnly', readOnly],
]);

const storeManagementFields: ReadonlyMap<string, FieldRule> = new Map([
  ['eventName', anyOperator],
  ['eventSource', anyOperator],
  ['eventType', anyOperator],
  ['readOnly', readOnly],
  ['sessionCredentialFromConsole', sessionCredential],
  ['userIdentity.arn', anyOperator],
]);

const dataFields: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
  [
    'resources.type',
    {
      operators: ['Equals'],
      values: dataResourceTypes,
      valuesHint: 'Specify a resource type that logs data events, such as AWS::S3::Object.',
      required: true,
      valuesMax: 1,
    },
  ],
  ['eventName', anyOperator],
  ['eventSource', anyOperator],
  ['eventType', anyOperator],
  ['readOnly', readOnly],
  ['resources.ARN', anyOperator],
  ['sessionCredentialFromConsole', sessionCredential],
  ['userIdentity.arn', anyOperator],
]);

const networkActivityFields: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
  [
    'eventSource',
    {
      operators: ['Equals'],
      values: networkEventSources,
      valuesHint:
        'Specify an event source that logs network activity events, such as s3.amazonaws.com.',
      required: true,
      valuesMax: 1,
    },
  ],
  ['errorCode', { operators: ['Equals'], values: new Set(['VpceAccessDenied']) }],
  ['eventName', anyOperator],
  ['vpcEndpointId', anyOperator],
]);
