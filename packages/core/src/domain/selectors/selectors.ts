import type { BasicDataResourceType } from './resource-arns.ts';

/**
 * What a trail, or an event data store, logs. The members are those of the API's structures.
 * Source: API reference, EventSelector, DataResource, AdvancedEventSelector, AdvancedFieldSelector.
 */
export type TrailSelectors =
  | { readonly kind: 'basic'; readonly selectors: readonly StoredEventSelector[] }
  | { readonly kind: 'advanced'; readonly selectors: readonly AdvancedEventSelector[] };

/** A basic event selector as a caller may give it: everything has a default. */
export interface EventSelector {
  readonly ReadWriteType?: string | undefined;
  readonly IncludeManagementEvents?: boolean | undefined;
  readonly DataResources?: readonly DataResource[] | undefined;
  readonly ExcludeManagementEventSources?: readonly string[] | undefined;
}

export interface DataResource {
  readonly Type?: string | undefined;
  /** ARNs, or beginnings of ARNs. */
  readonly Values?: readonly string[] | undefined;
}

/** A basic event selector as the service keeps it and answers it: the defaults filled in. */
export interface StoredEventSelector {
  readonly ReadWriteType: ReadWriteType;
  readonly IncludeManagementEvents: boolean;
  readonly DataResources: readonly StoredDataResource[];
  readonly ExcludeManagementEventSources: readonly string[];
}

export interface StoredDataResource {
  readonly Type: BasicDataResourceType;
  readonly Values: readonly string[];
}

export type ReadWriteType = 'All' | 'ReadOnly' | 'WriteOnly';

export interface AdvancedEventSelector {
  readonly Name?: string | undefined;
  readonly FieldSelectors: readonly AdvancedFieldSelector[] | undefined;
}

/** Values are compared exactly, with regard to case and without wildcards. */
export interface AdvancedFieldSelector extends FieldOperators {
  readonly Field: string | undefined;
}

export type FieldOperators = {
  readonly [operator in FieldOperator]?: readonly string[] | undefined;
};

export type FieldOperator = (typeof fieldOperators)[number];

/** In the order in which the API reference lists them. */
export const fieldOperators = [
  'Equals',
  'StartsWith',
  'EndsWith',
  'NotEquals',
  'NotStartsWith',
  'NotEndsWith',
] as const;

/** What a fresh trail logs: all management events and nothing else. */
export const defaultTrailSelectors: TrailSelectors = {
  kind: 'basic',
  selectors: [
    {
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      DataResources: [],
      ExcludeManagementEventSources: [],
    },
  ],
};

/** The trail's `HasCustomEventSelectors`: does it log anything but the default? */
export function hasCustomEventSelectors(trailSelectors: TrailSelectors): boolean {
  if (trailSelectors.kind === 'advanced') {
    return true;
  }
  const [only, ...others] = trailSelectors.selectors;
  return only === undefined || others.length > 0 || !isDefaultSelector(only);
}

function isDefaultSelector(selector: StoredEventSelector): boolean {
  return (
    selector.ReadWriteType === 'All' &&
    selector.IncludeManagementEvents &&
    selector.DataResources.length === 0 &&
    selector.ExcludeManagementEventSources.length === 0
  );
}
