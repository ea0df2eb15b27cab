import { type OperationName, operationSchema, type Shape } from '@trailkeep/core/wire/shapes.ts';
import { expect } from 'vitest';

/**
 * Members that an answer always has, by the structure that has them. Source: the examples and
 * recorded replies of the service; strings that a caller may leave out are there only when set.
 */
const alwaysThere: Readonly<Record<string, readonly string[]>> = {
  CreateTrailResponse: ['Name', 'S3BucketName', 'TrailARN', ...trailFlags()],
  UpdateTrailResponse: ['Name', 'S3BucketName', 'TrailARN', ...trailFlags()],
  Trail: [
    'Name',
    'S3BucketName',
    'TrailARN',
    ...trailFlags(),
    'HomeRegion',
    'HasCustomEventSelectors',
    'HasInsightSelectors',
  ],
  GetTrailResponse: ['Trail'],
  DescribeTrailsResponse: ['trailList'],
  ListTrailsResponse: ['Trails'],
  TrailInfo: ['TrailARN', 'Name', 'HomeRegion'],
  GetTrailStatusResponse: [
    'IsLogging',
    'LatestDeliveryAttemptTime',
    'LatestDeliveryAttemptSucceeded',
    'LatestNotificationAttemptTime',
    'LatestNotificationAttemptSucceeded',
    'TimeLoggingStarted',
    'TimeLoggingStopped',
  ],
  PutEventSelectorsResponse: ['TrailARN'],
  GetEventSelectorsResponse: ['TrailARN'],
  EventSelector: [
    'ReadWriteType',
    'IncludeManagementEvents',
    'DataResources',
    'ExcludeManagementEventSources',
  ],
  DataResource: ['Type', 'Values'],
  AdvancedEventSelector: ['FieldSelectors'],
  AdvancedFieldSelector: ['Field'],
  ListPublicKeysResponse: ['PublicKeyList'],
  PublicKey: ['Value', 'ValidityStartTime', 'ValidityEndTime', 'Fingerprint'],
  ListTagsResponse: ['ResourceTagList'],
  ResourceTag: ['ResourceId', 'TagsList'],
  Tag: ['Key'],
  LookupEventsResponse: ['Events'],
  Event: ['EventId', 'EventName', 'EventTime', 'EventSource', 'Resources', 'CloudTrailEvent'],
};

function trailFlags(): readonly string[] {
  return [
    'IncludeGlobalServiceEvents',
    'IsMultiRegionTrail',
    'LogFileValidationEnabled',
    'IsOrganizationTrail',
  ];
}

/**
 * No member that the API does not know, none of another type, none missing that is always there.
 */
export function expectOutputShape(operation: OperationName, body: Buffer): void {
  const shape = operationSchema(operation).output;
  if (shape.members.size === 0) {
    expect(body.length, `${operation} answers with an empty body`).toBe(0);
    return;
  }
  expect(flaws(shape, JSON.parse(body.toString()), operation)).toEqual([]);
}

function flaws(shape: Shape, value: unknown, path: string): readonly string[] {
  switch (shape.kind) {
    case 'list':
      if (!Array.isArray(value)) return [`${path} is no list`];
      return value.flatMap((item, index) => flaws(shape.member, item, `${path}[${index}]`));
    case 'map':
      if (!isObject(value)) return [`${path} is no map`];
      return Object.entries(value).flatMap(([key, item]) =>
        flaws(shape.value, item, `${path}.${key}`),
      );
    case 'structure': {
      if (!isObject(value)) return [`${path} is no structure`];
      const always = alwaysThere[shape.name] ?? [];
      const missing = always.filter((name) => !Object.hasOwn(value, name));
      const members = Object.entries(value).flatMap(([name, member]) => {
        const known = shape.members.get(name);
        return known ? flaws(known, member, `${path}.${name}`) : [`${path}.${name} is unknown`];
      });
      return [...missing.map((name) => `${path}.${name} is missing`), ...members];
    }
    default:
      return typeof value === jsonTypes[shape.kind] ? [] : [`${path} is no ${shape.kind}`];
  }
}

const jsonTypes = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  timestamp: 'number',
  blob: 'string',
} as const;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
