import type { CommonError } from './errors.ts';
import type { OperationName } from './shapes.ts';

// biome-ignore format: a table reads better in lines.
const general = [
  'OperationNotPermittedException', 'UnsupportedOperationException',
] as const;
// biome-ignore format: a table reads better in lines.
const store = [
  'EventDataStoreARNInvalidException', 'EventDataStoreNotFoundException',
  'InactiveEventDataStoreException',
] as const;
const lake = [...store, ...general, 'NoManagementAccountSLRExistsException'] as const;
// biome-ignore format: a table reads better in lines.
const trail = [
  'CloudTrailARNInvalidException', 'InvalidTrailNameException', 'TrailNotFoundException',
] as const;
// biome-ignore format: a table reads better in lines.
const organization = [
  'CloudTrailAccessNotEnabledException', 'InsufficientDependencyServiceAccessPermissionException',
  'NotOrganizationMasterAccountException', 'OrganizationNotInAllFeaturesModeException',
  'OrganizationsNotInUseException',
] as const;
// biome-ignore format: a table reads better in lines.
const trailSettings = [
  'CloudTrailInvalidClientTokenIdException', 'CloudWatchLogsDeliveryUnavailableException',
  'ConflictException', 'InsufficientEncryptionPolicyException',
  'InsufficientS3BucketPolicyException', 'InsufficientSnsTopicPolicyException',
  'InvalidCloudWatchLogsLogGroupArnException', 'InvalidCloudWatchLogsRoleArnException',
  'InvalidKmsKeyIdException', 'InvalidParameterCombinationException', 'InvalidParameterException',
  'InvalidS3BucketNameException', 'InvalidS3PrefixException', 'InvalidSnsTopicNameException',
  'InvalidTrailNameException', 'KmsException', 'KmsKeyDisabledException', 'KmsKeyNotFoundException',
  'NoManagementAccountSLRExistsException', 'S3BucketDoesNotExistException', 'ThrottlingException',
  'TrailNotProvidedException',
] as const;

/** Which errors each operation lists, as the service model has them. */
// biome-ignore format: a table reads better in lines.
export const operationErrors = {
  AddTags: [
    ...lake, 'ChannelARNInvalidException', 'ChannelNotFoundException',
    'CloudTrailARNInvalidException', 'ConflictException', 'InvalidTagParameterException',
    'InvalidTrailNameException', 'NotOrganizationMasterAccountException',
    'ResourceNotFoundException', 'ResourceTypeNotSupportedException', 'TagsLimitExceededException',
  ],
  CancelQuery: [
    ...lake, 'ConflictException', 'InactiveQueryException', 'InvalidParameterException',
    'QueryIdNotFoundException',
  ],
  CreateChannel: [
    ...store, ...general, 'ChannelAlreadyExistsException', 'ChannelMaxLimitExceededException',
    'InvalidEventDataStoreCategoryException', 'InvalidParameterException', 'InvalidSourceException',
    'InvalidTagParameterException', 'TagsLimitExceededException',
  ],
  CreateDashboard: [
    'ConflictException', 'EventDataStoreNotFoundException', 'InactiveEventDataStoreException',
    'InsufficientEncryptionPolicyException', 'InvalidQueryStatementException',
    'InvalidTagParameterException', 'ServiceQuotaExceededException',
    'UnsupportedOperationException',
  ],
  CreateEventDataStore: [
    ...organization, ...general, 'ConflictException', 'EventDataStoreAlreadyExistsException',
    'EventDataStoreMaxLimitExceededException', 'InsufficientEncryptionPolicyException',
    'InvalidEventSelectorsException', 'InvalidKmsKeyIdException', 'InvalidParameterException',
    'InvalidTagParameterException', 'KmsException', 'KmsKeyNotFoundException',
    'NoManagementAccountSLRExistsException', 'ThrottlingException',
  ],
  CreateTrail: [
    ...trailSettings, ...organization, ...general, 'InvalidTagParameterException',
    'MaximumNumberOfTrailsExceededException', 'TagsLimitExceededException',
    'TrailAlreadyExistsException',
  ],
  DeleteChannel: [...general, 'ChannelARNInvalidException', 'ChannelNotFoundException'],
  DeleteDashboard: [
    'ConflictException', 'ResourceNotFoundException', 'UnsupportedOperationException',
  ],
  DeleteEventDataStore: [
    ...lake, 'ChannelExistsForEDSException', 'ConflictException',
    'EventDataStoreFederationEnabledException', 'EventDataStoreHasOngoingImportException',
    'EventDataStoreTerminationProtectedException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidParameterException',
    'NotOrganizationMasterAccountException',
  ],
  DeleteResourcePolicy: [
    ...general, 'ConflictException', 'ResourceARNNotValidException', 'ResourceNotFoundException',
    'ResourcePolicyNotFoundException', 'ResourceTypeNotSupportedException',
  ],
  DeleteTrail: [
    ...trail, ...general, 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidHomeRegionException',
    'NoManagementAccountSLRExistsException', 'NotOrganizationMasterAccountException',
    'ThrottlingException',
  ],
  DeregisterOrganizationDelegatedAdmin: [
    ...general, 'AccountNotFoundException', 'AccountNotRegisteredException',
    'CloudTrailAccessNotEnabledException', 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidParameterException',
    'NotOrganizationManagementAccountException', 'OrganizationNotInAllFeaturesModeException',
    'OrganizationsNotInUseException',
  ],
  DescribeQuery: [...lake, 'InvalidParameterException', 'QueryIdNotFoundException'],
  DescribeTrails: [
    ...general, 'CloudTrailARNInvalidException', 'InvalidTrailNameException',
    'NoManagementAccountSLRExistsException',
  ],
  DisableFederation: [
    ...lake, ...organization, 'AccessDeniedException', 'ConcurrentModificationException',
    'InvalidParameterException',
  ],
  EnableFederation: [
    ...lake, ...organization, 'AccessDeniedException', 'ConcurrentModificationException',
    'EventDataStoreFederationEnabledException', 'InvalidParameterException',
  ],
  GenerateQuery: [...lake, 'GenerateResponseException', 'InvalidParameterException'],
  GetChannel: [...general, 'ChannelARNInvalidException', 'ChannelNotFoundException'],
  GetDashboard: ['ResourceNotFoundException', 'UnsupportedOperationException'],
  GetEventConfiguration: [
    ...trail, ...general, 'EventDataStoreARNInvalidException', 'EventDataStoreNotFoundException',
    'InvalidEventDataStoreCategoryException', 'InvalidEventDataStoreStatusException',
    'InvalidParameterCombinationException', 'InvalidParameterException',
    'NoManagementAccountSLRExistsException',
  ],
  GetEventDataStore: [
    ...general, 'EventDataStoreARNInvalidException', 'EventDataStoreNotFoundException',
    'InvalidParameterException', 'NoManagementAccountSLRExistsException',
  ],
  GetEventSelectors: [...trail, ...general, 'NoManagementAccountSLRExistsException'],
  GetImport: [...general, 'ImportNotFoundException', 'InvalidParameterException'],
  GetInsightSelectors: [
    ...trail, ...general, 'InsightNotEnabledException', 'InvalidParameterCombinationException',
    'InvalidParameterException', 'NoManagementAccountSLRExistsException', 'ThrottlingException',
  ],
  GetQueryResults: [
    ...lake, 'InsufficientEncryptionPolicyException', 'InvalidMaxResultsException',
    'InvalidNextTokenException', 'InvalidParameterException', 'QueryIdNotFoundException',
  ],
  GetResourcePolicy: [
    ...general, 'ResourceARNNotValidException', 'ResourceNotFoundException',
    'ResourcePolicyNotFoundException', 'ResourceTypeNotSupportedException',
  ],
  GetTrail: [...trail, ...general],
  GetTrailStatus: [...trail, ...general],
  ListChannels: [...general, 'InvalidNextTokenException'],
  ListDashboards: ['UnsupportedOperationException'],
  ListEventDataStores: [
    ...general, 'InvalidMaxResultsException', 'InvalidNextTokenException',
    'NoManagementAccountSLRExistsException',
  ],
  ListImportFailures: [...general, 'InvalidNextTokenException', 'InvalidParameterException'],
  ListImports: [
    ...general, 'EventDataStoreARNInvalidException', 'InvalidNextTokenException',
    'InvalidParameterException',
  ],
  ListInsightsData: [...general, 'InvalidParameterException'],
  ListInsightsMetricData: [...general, 'InvalidParameterException', 'InvalidTrailNameException'],
  ListPublicKeys: [...general, 'InvalidTimeRangeException', 'InvalidTokenException'],
  ListQueries: [
    ...lake, 'InvalidDateRangeException', 'InvalidMaxResultsException', 'InvalidNextTokenException',
    'InvalidParameterException', 'InvalidQueryStatusException',
  ],
  ListTags: [
    ...lake, 'ChannelARNInvalidException', 'CloudTrailARNInvalidException', 'InvalidTokenException',
    'InvalidTrailNameException', 'ResourceNotFoundException', 'ResourceTypeNotSupportedException',
  ],
  ListTrails: [...general],
  LookupEvents: [
    ...general, 'InvalidEventCategoryException', 'InvalidLookupAttributesException',
    'InvalidMaxResultsException', 'InvalidNextTokenException', 'InvalidTimeRangeException',
  ],
  PutEventConfiguration: [
    ...lake, ...trail, 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException',
    'InsufficientIAMAccessPermissionException', 'InvalidEventDataStoreCategoryException',
    'InvalidEventDataStoreStatusException', 'InvalidHomeRegionException',
    'InvalidParameterCombinationException', 'InvalidParameterException',
    'NotOrganizationMasterAccountException', 'ThrottlingException',
  ],
  PutEventSelectors: [
    ...trail, ...general, 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidEventSelectorsException',
    'InvalidHomeRegionException', 'NoManagementAccountSLRExistsException',
    'NotOrganizationMasterAccountException', 'ThrottlingException',
  ],
  PutInsightSelectors: [
    ...trail, ...general, 'ConflictException', 'InsufficientEncryptionPolicyException',
    'InsufficientS3BucketPolicyException', 'InvalidHomeRegionException',
    'InvalidInsightSelectorsException', 'InvalidParameterCombinationException',
    'InvalidParameterException', 'KmsException', 'NoManagementAccountSLRExistsException',
    'NotOrganizationMasterAccountException', 'S3BucketDoesNotExistException', 'ThrottlingException',
  ],
  PutResourcePolicy: [
    ...general, 'ConflictException', 'ResourceARNNotValidException', 'ResourceNotFoundException',
    'ResourcePolicyNotValidException', 'ResourceTypeNotSupportedException',
  ],
  RegisterOrganizationDelegatedAdmin: [
    ...general, 'AccountNotFoundException', 'AccountRegisteredException',
    'CannotDelegateManagementAccountException', 'CloudTrailAccessNotEnabledException',
    'ConflictException', 'DelegatedAdminAccountLimitExceededException',
    'InsufficientDependencyServiceAccessPermissionException',
    'InsufficientIAMAccessPermissionException', 'InvalidParameterException',
    'NotOrganizationManagementAccountException', 'OrganizationNotInAllFeaturesModeException',
    'OrganizationsNotInUseException',
  ],
  RemoveTags: [
    ...lake, 'ChannelARNInvalidException', 'ChannelNotFoundException',
    'CloudTrailARNInvalidException', 'ConflictException', 'InvalidTagParameterException',
    'InvalidTrailNameException', 'NotOrganizationMasterAccountException',
    'ResourceNotFoundException', 'ResourceTypeNotSupportedException',
  ],
  RestoreEventDataStore: [
    ...organization, ...general, 'EventDataStoreARNInvalidException',
    'EventDataStoreMaxLimitExceededException', 'EventDataStoreNotFoundException',
    'InvalidEventDataStoreStatusException', 'InvalidParameterException',
    'NoManagementAccountSLRExistsException',
  ],
  SearchSampleQueries: [...general, 'InvalidParameterException'],
  StartDashboardRefresh: [
    'EventDataStoreNotFoundException', 'InactiveEventDataStoreException',
    'ResourceNotFoundException', 'ServiceQuotaExceededException', 'UnsupportedOperationException',
  ],
  StartEventDataStoreIngestion: [
    ...general, 'ConflictException', 'EventDataStoreARNInvalidException',
    'EventDataStoreNotFoundException', 'InsufficientDependencyServiceAccessPermissionException',
    'InvalidEventDataStoreCategoryException', 'InvalidEventDataStoreStatusException',
    'InvalidParameterException', 'NoManagementAccountSLRExistsException',
    'NotOrganizationMasterAccountException',
  ],
  StartImport: [
    ...store, ...general, 'AccountHasOngoingImportException', 'ImportNotFoundException',
    'InsufficientEncryptionPolicyException', 'InvalidEventDataStoreCategoryException',
    'InvalidEventDataStoreStatusException', 'InvalidImportSourceException',
    'InvalidParameterException',
  ],
  StartLogging: [
    ...trail, ...general, 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidHomeRegionException',
    'NoManagementAccountSLRExistsException', 'NotOrganizationMasterAccountException',
    'ThrottlingException',
  ],
  StartQuery: [
    ...lake, 'InsufficientEncryptionPolicyException', 'InsufficientS3BucketPolicyException',
    'InvalidParameterException', 'InvalidQueryStatementException', 'InvalidS3BucketNameException',
    'InvalidS3PrefixException', 'MaxConcurrentQueriesException', 'S3BucketDoesNotExistException',
  ],
  StopEventDataStoreIngestion: [
    ...general, 'ConflictException', 'EventDataStoreARNInvalidException',
    'EventDataStoreNotFoundException', 'InsufficientDependencyServiceAccessPermissionException',
    'InvalidEventDataStoreCategoryException', 'InvalidEventDataStoreStatusException',
    'InvalidParameterException', 'NoManagementAccountSLRExistsException',
    'NotOrganizationMasterAccountException',
  ],
  StopImport: [...general, 'ImportNotFoundException', 'InvalidParameterException'],
  StopLogging: [
    ...trail, ...general, 'ConflictException',
    'InsufficientDependencyServiceAccessPermissionException', 'InvalidHomeRegionException',
    'NoManagementAccountSLRExistsException', 'NotOrganizationMasterAccountException',
    'ThrottlingException',
  ],
  UpdateChannel: [
    ...store, ...general, 'ChannelARNInvalidException', 'ChannelAlreadyExistsException',
    'ChannelNotFoundException', 'InvalidEventDataStoreCategoryException',
    'InvalidParameterException',
  ],
  UpdateDashboard: [
    'ConflictException', 'EventDataStoreNotFoundException', 'InactiveEventDataStoreException',
    'InsufficientEncryptionPolicyException', 'InvalidQueryStatementException',
    'ResourceNotFoundException', 'ServiceQuotaExceededException', 'UnsupportedOperationException',
  ],
  UpdateEventDataStore: [
    ...lake, ...organization, 'ConflictException', 'EventDataStoreAlreadyExistsException',
    'EventDataStoreHasOngoingImportException', 'InsufficientEncryptionPolicyException',
    'InvalidEventSelectorsException', 'InvalidInsightSelectorsException',
    'InvalidKmsKeyIdException', 'InvalidParameterException', 'KmsException',
    'KmsKeyNotFoundException', 'ThrottlingException',
  ],
  UpdateTrail: [
    ...trailSettings, ...organization, ...general, 'CloudTrailARNInvalidException',
    'InvalidEventSelectorsException', 'InvalidHomeRegionException', 'TrailNotFoundException',
  ],
} as const satisfies Readonly<Record<OperationName, readonly string[]>>;

/** The errors that CloudTrail Data's PutAuditEvents lists; their names have no `Exception`. */
// biome-ignore format: a table reads better in lines.
export const putAuditEventsErrors = [
  'ChannelInsufficientPermission', 'ChannelNotFound', 'ChannelUnsupportedSchema',
  'DuplicatedAuditEventId', 'InvalidChannelARN', 'UnsupportedOperationException',
] as const;

export type PutAuditEventsError = (typeof putAuditEventsErrors)[number] | CommonError;

/** What operation N may answer with: what the API lists for it, and what any operation may. */
export type ErrorOf<N extends OperationName> = (typeof operationErrors)[N][number] | CommonError;

/** Every error name of the service. */
export type ErrorName = ErrorOf<OperationName> | PutAuditEventsError;
