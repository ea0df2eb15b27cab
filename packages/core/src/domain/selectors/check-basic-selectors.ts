import { isRefusal } from '../refusal.ts';
import { type InvalidEventSelectors, printable, refuseSelectors } from './refuse-selectors.ts';
import {
  type BasicDataResourceType,
  basicDataResourceTypes,
  isBasicDataResourceValue,
  isEveryResourceValue,
} from './resource-arns.ts';
import type {
  DataResource,
  EventSelector,
  ReadWriteType,
  StoredDataResource,
  StoredEventSelector,
  TrailSelectors,
} from './selectors.ts';

export const eventSelectorsMax = 5;
/** Values in all selectors of a trail together, not counting those for every resource. */
export const dataResourcesMax = 250;

/**
 * The basic event selectors of PutEventSelectors, as the trail keeps and answers them.
 * Source: API reference, PutEventSelectors, EventSelector and InvalidEventSelectorsException.
 */
export function checkBasicSelectors(
  list: readonly EventSelector[],
): TrailSelectors | InvalidEventSelectors {
  if (list.length < 1 || list.length > eventSelectorsMax) {
    return refuseSelectors(
      `The trail cannot have ${list.length} event selectors. ` +
        `Specify a valid number of event selectors (1 to ${eventSelectorsMax}) for a trail.`,
    );
  }
  const selectors: StoredEventSelector[] = [];
  let dataResources = 0;
  for (const selector of list) {
    const stored = checkSelector(selector);
    if (isRefusal<'InvalidEventSelectorsException'>(stored)) {
      return stored;
    }
    dataResources += countDataResources(stored);
    selectors.push(stored);
  }
  if (dataResources > dataResourcesMax) {
    return refuseSelectors(
      `The event selectors have ${dataResources} data resources in total. ` +
        `Specify up to ${dataResourcesMax} across all event selectors for a trail.`,
    );
  }
  return { kind: 'basic', selectors };
}

function checkSelector(selector: EventSelector): StoredEventSelector | InvalidEventSelectors {
  const readWriteType = selector.ReadWriteType ?? 'All';
  if (!isReadWriteType(readWriteType)) {
    return refuseSelectors(
      `Value ${printable(readWriteType)} for ReadWriteType is invalid. ` +
        `Specify ${readWriteTypes.join(', ')}.`,
    );
  }
  const dataResources: StoredDataResource[] = [];
  for (const resource of selector.DataResources ?? []) {
    const stored = checkDataResource(resource);
    if (isRefusal<'InvalidEventSelectorsException'>(stored)) {
      return stored;
    }
    dataResources.push(stored);
  }
  const excluded = selector.ExcludeManagementEventSources ?? [];
  const unknown = excluded.find((source) => !excludableSources.includes(source));
  if (unknown !== undefined) {
    return refuseSelectors(
      `Value ${printable(unknown)} for ExcludeManagementEventSources is invalid. ` +
        `Specify ${excludableSources.join(' or ')}, or an empty list.`,
    );
  }
  const includesManagement = selector.IncludeManagementEvents ?? true;
  if (!includesManagement && dataResources.every((resource) => resource.Values.length === 0)) {
    // The service's own sentence: aws-cdk#15488.
    return refuseSelectors(
      'Invalid combination of parameters in EventSelectors. ' +
        'When includeManagementEvents is false, DataResources must not be empty',
    );
  }
  return {
    ReadWriteType: readWriteType,
    IncludeManagementEvents: includesManagement,
    DataResources: dataResources,
    ExcludeManagementEventSources: [...excluded],
  };
}

function checkDataResource(resource: DataResource): StoredDataResource | InvalidEventSelectors {
  const type = resource.Type;
  if (type === undefined) {
    return refuseSelectors(
      `DataResources.Type is required. Specify ${basicDataResourceTypes.join(', ')}.`,
    );
  }
  if (!isBasicType(type)) {
    return refuseSelectors(
      `Value ${printable(type)} for DataResources.Type is invalid. ` +
        `Specify ${basicDataResourceTypes.join(', ')}; ` +
        'other resource types need advanced event selectors.',
    );
  }
  const values = resource.Values ?? [];
  const invalid = values.find((value) => !isBasicDataResourceValue(value, type));
  if (invalid !== undefined) {
    // The service's own sentence: terraform-provider-aws#4043.
    return refuseSelectors(`Value ${printable(invalid)} for DataResources.Values is invalid.`);
  }
  return { Type: type, Values: [...values] };
}

function countDataResources(selector: StoredEventSelector): number {
  return selector.DataResources.flatMap((resource) => resource.Values).filter(
    (value) => !isEveryResourceValue(value),
  ).length;
}

function isReadWriteType(value: string): value is ReadWriteType {
  return (readWriteTypes as readonly string[]).includes(value);
}

function isBasicType(value: string): value is BasicDataResourceType {
  return (basicDataResourceTypes as readonly string[]).includes(value);
}

const readWriteTypes: readonly ReadWriteType[] = ['ReadOnly', 'WriteOnly', 'All'];

/** Source: API reference, EventSelector, ExcludeManagementEventSources. */
export const excludableSources: readonly string[] = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];
