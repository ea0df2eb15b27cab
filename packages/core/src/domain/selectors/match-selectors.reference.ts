import type { RecordFacts, RecordResource } from '../events/record.ts';
import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  StoredDataResource,
  StoredEventSelector,
  TrailSelectors,
} from './selectors.ts';

/**
 * Whether `trailSelectors` log the record: read straight off the documentation, slow, and the judge
 * of `compileSelectors` in the tests. Insights selectors, not these, govern Insights events.
 * Source: API reference, EventSelector, DataResource; User Guide, "Filtering data events".
 */
export function matchSelectorsReference(
  trailSelectors: TrailSelectors,
  facts: RecordFacts,
): boolean {
  if (facts.eventCategory === 'Insight') {
    return false;
  }
  return trailSelectors.kind === 'basic'
    ? trailSelectors.selectors.some((selector) => matchesBasic(selector, facts))
    : trailSelectors.selectors.some((selector) => matchesAdvanced(selector, facts));
}

function matchesBasic(selector: StoredEventSelector, facts: RecordFacts): boolean {
  if (selector.ReadWriteType === 'ReadOnly' && facts.readOnly !== true) {
    return false;
  }
  // A record without readOnly is neither a read nor a write: only All logs it.
  if (selector.ReadWriteType === 'WriteOnly' && facts.readOnly !== false) {
    return false;
  }
  if (facts.eventCategory === 'Management') {
    return (
      selector.IncludeManagementEvents &&
      !selector.ExcludeManagementEventSources.includes(facts.eventSource)
    );
  }
  if (facts.eventCategory === 'Data') {
    return selector.DataResources.some((dataResource) =>
      facts.resources.some((resource) => matchesDataResource(dataResource, resource)),
    );
  }
  return false;
}

function matchesDataResource(dataResource: StoredDataResource, resource: RecordResource): boolean {
  if (resource.type !== dataResource.Type) {
    return false;
  }
  return dataResource.Values.some((value) => {
    const parts = value.split(':');
    const everyResource = parts.length === 3 || (parts[2] === 's3' && parts[5] === '');
    if (resource.arn === undefined) {
      // A record can name only the type, as ListObjects does: then only "every resource" fits.
      return everyResource;
    }
    return everyResource || dataResource.Type === 'AWS::S3::Object'
      ? resource.arn.startsWith(value)
      : resource.arn === value;
  });
}

function matchesAdvanced(selector: AdvancedEventSelector, facts: RecordFacts): boolean {
  const fields = selector.FieldSelectors ?? [];
  const onResources = fields.filter((field) => field.Field?.startsWith('resources.'));
  const onRecord = fields.filter((field) => !field.Field?.startsWith('resources.'));
  return (
    onRecord.every((field) => matchesField(field, recordField(field.Field, facts))) &&
    // All conditions on resources hold for one and the same resource of the record.
    (onResources.length === 0 ||
      facts.resources.some((resource) =>
        onResources.every((field) =>
          matchesField(field, field.Field === 'resources.type' ? resource.type : resource.arn),
        ),
      ))
  );
}

function recordField(field: string | undefined, facts: RecordFacts): string | undefined {
  switch (field) {
    case 'eventCategory':
      return facts.eventCategory;
    case 'eventName':
      return facts.eventName;
    case 'eventSource':
      return facts.eventSource;
    case 'eventType':
      return facts.eventType;
    case 'readOnly':
      return facts.readOnly === undefined ? undefined : String(facts.readOnly);
    case 'errorCode':
      return facts.errorCode;
    case 'sessionCredentialFromConsole':
      return facts.sessionCredentialFromConsole;
    case 'userIdentity.arn':
      return facts.userIdentityArn;
    case 'vpcEndpointId':
      return facts.vpcEndpointId;
    default:
      return undefined;
  }
}

function matchesField(field: AdvancedFieldSelector, value: string | undefined): boolean {
  const selects =
    field.Equals !== undefined || field.StartsWith !== undefined || field.EndsWith !== undefined;
  const selected =
    value !== undefined &&
    (field.Equals?.includes(value) ||
      field.StartsWith?.some((start) => value.startsWith(start)) ||
      field.EndsWith?.some((end) => value.endsWith(end)));
  const deselected =
    value !== undefined &&
    (field.NotEquals?.includes(value) ||
      field.NotStartsWith?.some((start) => value.startsWith(start)) ||
      field.NotEndsWith?.some((end) => value.endsWith(end)));
  return (!selects || selected === true) && deselected !== true;
}
