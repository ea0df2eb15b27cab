/**
 * Members whose broken length, range, pattern or enum CloudTrail answers with an exception of its
 * own. `validate.ts` leaves these alone; the domain rule of each operation that takes the member
 * must answer, with the exception named here, and must bound the value as the constraint does.
 * `Structure.Member[]` is the items alone: the count of the list is still checked on the wire.
 * A missing required member and a wrong JSON type are never left to a rule.
 */
export const answeredByRule: Readonly<Record<string, string>> = {
  // Tags. CreateDashboard, CreateEventDataStore and RemoveTags do not list TagsLimitExceeded.
  'AddTagsRequest.TagsList': 'TagsLimitExceededException',
  'CreateChannelRequest.Tags': 'TagsLimitExceededException',
  'CreateTrailRequest.TagsList': 'TagsLimitExceededException',
  'CreateDashboardRequest.TagsList': 'InvalidTagParameterException',
  'CreateEventDataStoreRequest.TagsList': 'InvalidTagParameterException',
  'RemoveTagsRequest.TagsList': 'InvalidTagParameterException',
  'Tag.Key': 'InvalidTagParameterException',
  'Tag.Value': 'InvalidTagParameterException',
  // Event selectors.
  'AdvancedEventSelector.Name': 'InvalidEventSelectorsException',
  'AdvancedEventSelector.FieldSelectors': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.Field': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.Equals': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.StartsWith': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.EndsWith': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.NotEquals': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.NotStartsWith': 'InvalidEventSelectorsException',
  'AdvancedFieldSelector.NotEndsWith': 'InvalidEventSelectorsException',
  'EventSelector.ReadWriteType': 'InvalidEventSelectorsException',
  'InsightSelector.InsightType': 'InvalidInsightSelectorsException',
  'InsightSelector.EventCategories': 'InvalidInsightSelectorsException',
  // LookupEvents.
  'LookupEventsRequest.EventCategory': 'InvalidEventCategoryException',
  'LookupEventsRequest.MaxResults': 'InvalidMaxResultsException',
  'LookupAttribute.AttributeKey': 'InvalidLookupAttributesException',
  'LookupAttribute.AttributeValue': 'InvalidLookupAttributesException',
  // Event data stores. GetInsightSelectors, PutInsightSelectors do not list the ARN's exception.
  'CancelQueryRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'DeleteEventDataStoreRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'DescribeQueryRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'DisableFederationRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'EnableFederationRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'GenerateQueryRequest.EventDataStores[]': 'EventDataStoreARNInvalidException',
  'GetEventDataStoreRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'GetQueryResultsRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'ListImportsRequest.Destination': 'EventDataStoreARNInvalidException',
  'ListQueriesRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'RestoreEventDataStoreRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'StartEventDataStoreIngestionRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'StartImportRequest.Destinations[]': 'EventDataStoreARNInvalidException',
  'StopEventDataStoreIngestionRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'UpdateEventDataStoreRequest.EventDataStore': 'EventDataStoreARNInvalidException',
  'Destination.Location': 'EventDataStoreARNInvalidException',
  'CreateEventDataStoreRequest.KmsKeyId': 'InvalidKmsKeyIdException',
  'UpdateEventDataStoreRequest.KmsKeyId': 'InvalidKmsKeyIdException',
  'CreateEventDataStoreRequest.RetentionPeriod': 'InvalidParameterException',
  'UpdateEventDataStoreRequest.RetentionPeriod': 'InvalidParameterException',
  // Queries.
  'StartQueryRequest.QueryStatement': 'InvalidQueryStatementException',
  'RequestWidget.QueryStatement': 'InvalidQueryStatementException',
  'ListQueriesRequest.QueryStatus': 'InvalidQueryStatusException',
  // Channels and resource policies.
  'CreateChannelRequest.Source': 'InvalidSourceException',
  'DeleteChannelRequest.Channel': 'ChannelARNInvalidException',
  'GetChannelRequest.Channel': 'ChannelARNInvalidException',
  'UpdateChannelRequest.Channel': 'ChannelARNInvalidException',
  'DeleteResourcePolicyRequest.ResourceArn': 'ResourceARNNotValidException',
  'GetResourcePolicyRequest.ResourceArn': 'ResourceARNNotValidException',
  'PutResourcePolicyRequest.ResourceArn': 'ResourceARNNotValidException',
  'PutResourcePolicyRequest.ResourcePolicy': 'ResourcePolicyNotValidException',
  'PutAuditEventsRequest.channelArn': 'InvalidChannelARN',
  // Pages, where the operation lists the exception.
  'GetQueryResultsRequest.MaxQueryResults': 'InvalidMaxResultsException',
  'ListEventDataStoresRequest.MaxResults': 'InvalidMaxResultsException',
  'ListQueriesRequest.MaxResults': 'InvalidMaxResultsException',
  'GetQueryResultsRequest.NextToken': 'InvalidNextTokenException',
  'ListChannelsRequest.NextToken': 'InvalidNextTokenException',
  'ListEventDataStoresRequest.NextToken': 'InvalidNextTokenException',
  'ListImportFailuresRequest.NextToken': 'InvalidNextTokenException',
  'ListImportsRequest.NextToken': 'InvalidNextTokenException',
  'ListQueriesRequest.NextToken': 'InvalidNextTokenException',
};
