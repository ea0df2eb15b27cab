/**
 * What the API says a value must be. `min` and `max` bound the length of a string, the items of a
 * list, the entries of a map, and the value of a number. `pattern` is a Java regular expression
 * that the whole value must match (`^` and `$` are decoration there).
 */
export interface Constraint {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Of each item of a list. */
  readonly member?: Constraint;
  /** Of each key and each value of a map. */
  readonly key?: Constraint;
  readonly value?: Constraint;
}

const raw = String.raw;
const arn: Constraint = { min: 3, max: 256, pattern: raw`^[a-zA-Z0-9._/\-:]+$` };
const dashboardId: Constraint = { pattern: raw`^[a-zA-Z0-9._/\-:]+$` };
const uuid: Constraint = { min: 36, max: 36, pattern: raw`^[a-f0-9\-]+$` };
const accountId: Constraint = { min: 12, max: 16, pattern: raw`\d+` };
const name: Constraint = { min: 3, max: 128, pattern: raw`^[a-zA-Z0-9._\-]+$` };
const dashboardName: Constraint = { min: 3, max: 128, pattern: raw`^[a-zA-Z0-9_\-]+$` };
const kmsKeyId: Constraint = { min: 1, max: 350, pattern: raw`^[a-zA-Z0-9._/\-:]+$` };
const queryAlias: Constraint = { min: 1, max: 256, pattern: raw`^[a-zA-Z][a-zA-Z0-9._\-]*$` };
const queryStatement: Constraint = { min: 1, max: 10000, pattern: '(?s).*' };
const queryParameters: Constraint = {
  min: 1,
  max: 10,
  member: { min: 1, max: 1024, pattern: '.*' },
};
const nextToken: Constraint = { min: 4, max: 1000, pattern: '.*' };
const pageOf50: Constraint = { min: 1, max: 50 };
const pageOf1000: Constraint = { min: 1, max: 1000 };
const tags: Constraint = { max: 200 };
const destinations: Constraint = { min: 1, max: 200 };
const oneEventDataStore: Constraint = { min: 1, max: 1, member: arn };
const operator: Constraint = { min: 1, member: { min: 1, max: 2048, pattern: '.+' } };
const retentionDays: Constraint = { min: 7, max: 3653 };
const printable = raw`^[ -~\n]*$`;
const viewProperties: Constraint = {
  key: name,
  value: { min: 1, max: 128, pattern: raw`^[a-zA-Z0-9._\- ]+$` },
};
const queryParameterValues: Constraint = {
  key: { min: 3, max: 128, pattern: raw`^[a-zA-Z0-9._/\-:$]+$` },
  value: { min: 1, max: 128, pattern: raw`^[a-zA-Z0-9._/\-:]+$` },
};
const billingMode: Constraint = {
  enum: ['EXTENDABLE_RETENTION_PRICING', 'FIXED_RETENTION_PRICING'],
};
const importStatus: Constraint = {
  enum: ['INITIALIZING', 'IN_PROGRESS', 'FAILED', 'STOPPED', 'COMPLETED'],
};
const queryStatus: Constraint = {
  enum: ['QUEUED', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED', 'TIMED_OUT'],
};
const insightType: Constraint = { enum: ['ApiCallRateInsight', 'ApiErrorRateInsight'] };
const lookupKey: Constraint = {
  enum: [
    'EventId',
    'EventName',
    'ReadOnly',
    'Username',
    'ResourceType',
    'ResourceName',
    'EventSource',
    'AccessKeyId',
  ],
};

type Table = Readonly<Record<string, Readonly<Record<string, Constraint>>>>;

/**
 * Every constrained member of every request, by structure and member, as the service model has
 * them. A structure that is not here has no constraint beyond its members' types.
 */
export const constraints: Table = {
  AddTagsRequest: { TagsList: tags },
  AdvancedEventSelector: {
    Name: { min: 0, max: 1000, pattern: '.*' },
    FieldSelectors: { min: 1 },
  },
  AdvancedFieldSelector: {
    Field: { min: 1, max: 1000, pattern: raw`[\w|\d|\.|_]+` },
    Equals: operator,
    StartsWith: operator,
    EndsWith: operator,
    NotEquals: operator,
    NotStartsWith: operator,
    NotEndsWith: operator,
  },
  AggregationConfiguration: {
    Templates: {
      min: 1,
      max: 50,
      member: { enum: ['API_ACTIVITY', 'RESOURCE_ACCESS', 'USER_ACTIONS'] },
    },
    EventCategory: { enum: ['Data'] },
  },
  CancelQueryRequest: {
    EventDataStore: arn,
    QueryId: uuid,
    EventDataStoreOwnerAccountId: accountId,
  },
  ContextKeySelector: {
    Type: { enum: ['TagContext', 'RequestContext'] },
    Equals: { min: 1, max: 50, member: { min: 1, max: 128 } },
  },
  CreateChannelRequest: {
    Name: name,
    Source: { min: 1, max: 256, pattern: '.*' },
    Destinations: destinations,
    Tags: tags,
  },
  CreateDashboardRequest: { Name: dashboardName, TagsList: tags },
  CreateEventDataStoreRequest: {
    Name: name,
    RetentionPeriod: retentionDays,
    TagsList: tags,
    KmsKeyId: kmsKeyId,
    BillingMode: billingMode,
  },
  CreateTrailRequest: { TagsList: tags },
  DeleteChannelRequest: { Channel: arn },
  DeleteDashboardRequest: { DashboardId: dashboardId },
  DeleteEventDataStoreRequest: { EventDataStore: arn },
  DeleteResourcePolicyRequest: { ResourceArn: arn },
  DeregisterOrganizationDelegatedAdminRequest: { DelegatedAdminAccountId: accountId },
  DescribeQueryRequest: {
    EventDataStore: arn,
    QueryId: uuid,
    QueryAlias: queryAlias,
    RefreshId: { min: 10, max: 20, pattern: raw`\d+` },
    EventDataStoreOwnerAccountId: accountId,
  },
  Destination: {
    Type: { enum: ['EVENT_DATA_STORE', 'AWS_SERVICE'] },
    Location: { min: 3, max: 1024, pattern: raw`^[a-zA-Z0-9._/\-:*]+$` },
  },
  DisableFederationRequest: { EventDataStore: arn },
  EnableFederationRequest: {
    EventDataStore: arn,
    FederationRoleArn: { min: 3, max: 125, pattern: raw`^[a-zA-Z0-9._/\-:@=\+,\.]+$` },
  },
  EventSelector: { ReadWriteType: { enum: ['ReadOnly', 'WriteOnly', 'All'] } },
  GenerateQueryRequest: {
    EventDataStores: oneEventDataStore,
    Prompt: { min: 3, max: 500, pattern: printable },
  },
  GetChannelRequest: { Channel: arn },
  GetDashboardRequest: { DashboardId: dashboardId },
  GetEventDataStoreRequest: { EventDataStore: arn },
  GetImportRequest: { ImportId: uuid },
  GetInsightSelectorsRequest: { EventDataStore: arn },
  GetQueryResultsRequest: {
    EventDataStore: arn,
    QueryId: uuid,
    NextToken: nextToken,
    MaxQueryResults: pageOf1000,
    EventDataStoreOwnerAccountId: accountId,
  },
  GetResourcePolicyRequest: { ResourceArn: arn },
  InsightSelector: {
    InsightType: insightType,
    EventCategories: { member: { enum: ['Management', 'Data'] } },
  },
  ListChannelsRequest: { MaxResults: pageOf1000, NextToken: nextToken },
  ListDashboardsRequest: {
    NamePrefix: dashboardName,
    Type: { enum: ['MANAGED', 'CUSTOM'] },
    NextToken: nextToken,
    MaxResults: pageOf1000,
  },
  ListEventDataStoresRequest: { NextToken: nextToken, MaxResults: pageOf1000 },
  ListImportFailuresRequest: { ImportId: uuid, MaxResults: pageOf1000, NextToken: nextToken },
  ListImportsRequest: {
    MaxResults: pageOf1000,
    Destination: arn,
    ImportStatus: importStatus,
    NextToken: nextToken,
  },
  ListInsightsDataRequest: {
    InsightSource: arn,
    DataType: { enum: ['InsightsEvents'] },
    Dimensions: {
      min: 1,
      max: 1,
      key: { enum: ['EventId', 'EventName', 'EventSource'] },
      value: { min: 1, max: 2000 },
    },
    MaxResults: pageOf50,
    NextToken: nextToken,
  },
  ListInsightsMetricDataRequest: {
    EventSource: { max: 256, pattern: raw`^[a-z0-9_-]+\.amazonaws\.com$` },
    EventName: { max: 128, pattern: '^[A-Za-z0-9_]+$' },
    InsightType: insightType,
    ErrorCode: { max: 128, pattern: raw`^[\w\d\s_.,\-:\[\]]+$` },
    Period: { min: 60, max: 3600 },
    DataType: { enum: ['FillWithZeros', 'NonZeroData'] },
    MaxResults: { min: 1, max: 21600 },
    NextToken: { min: 1, max: 5000 },
  },
  ListQueriesRequest: {
    EventDataStore: arn,
    NextToken: nextToken,
    MaxResults: pageOf1000,
    QueryStatus: queryStatus,
  },
  LookupAttribute: { AttributeKey: lookupKey, AttributeValue: { min: 1, max: 2000 } },
  LookupEventsRequest: { EventCategory: { enum: ['insight'] }, MaxResults: pageOf50 },
  PutEventConfigurationRequest: {
    MaxEventSize: { enum: ['Standard', 'Large'] },
    ContextKeySelectors: { max: 2 },
    AggregationConfigurations: { max: 1 },
  },
  PutInsightSelectorsRequest: { EventDataStore: arn, InsightsDestination: arn },
  PutResourcePolicyRequest: { ResourceArn: arn, ResourcePolicy: { min: 1, max: 8192 } },
  RefreshSchedule: {
    Status: { enum: ['ENABLED', 'DISABLED'] },
    TimeOfDay: { pattern: '^[0-9]{2}:[0-9]{2}' },
  },
  RefreshScheduleFrequency: { Unit: { enum: ['HOURS', 'DAYS'] } },
  RegisterOrganizationDelegatedAdminRequest: { MemberAccountId: accountId },
  RemoveTagsRequest: { TagsList: tags },
  RequestWidget: {
    QueryStatement: queryStatement,
    QueryParameters: queryParameters,
    ViewProperties: viewProperties,
  },
  RestoreEventDataStoreRequest: { EventDataStore: arn },
  SearchSampleQueriesRequest: {
    SearchPhrase: { min: 2, max: 1000, pattern: printable },
    MaxResults: pageOf50,
    NextToken: nextToken,
  },
  StartDashboardRefreshRequest: {
    DashboardId: dashboardId,
    QueryParameterValues: queryParameterValues,
  },
  StartEventDataStoreIngestionRequest: { EventDataStore: arn },
  StartImportRequest: { Destinations: oneEventDataStore, ImportId: uuid },
  StartQueryRequest: {
    QueryStatement: queryStatement,
    DeliveryS3Uri: {
      max: 1024,
      pattern: raw`s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?`,
    },
    QueryAlias: queryAlias,
    QueryParameters: queryParameters,
    EventDataStoreOwnerAccountId: accountId,
  },
  StopEventDataStoreIngestionRequest: { EventDataStore: arn },
  StopImportRequest: { ImportId: uuid },
  Tag: { Key: { min: 1, max: 128 }, Value: { min: 1, max: 256 } },
  UpdateChannelRequest: { Channel: arn, Destinations: destinations, Name: name },
  UpdateDashboardRequest: { DashboardId: dashboardId },
  UpdateEventDataStoreRequest: {
    EventDataStore: arn,
    Name: name,
    RetentionPeriod: retentionDays,
    KmsKeyId: kmsKeyId,
    BillingMode: billingMode,
  },
  // CloudTrail Data, 2021-08-11.
  AuditEvent: { id: { min: 1, max: 128, pattern: '^[-_A-Za-z0-9]+$' } },
  PutAuditEventsRequest: {
    auditEvents: { min: 1, max: 100 },
    channelArn: { pattern: '^arn:.*$' },
    externalId: { min: 2, max: 1224, pattern: raw`^[\w+=,.@:\/-]*$` },
  },
};
