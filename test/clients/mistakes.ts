/** What goes wrong with a request, as every client must tell it: the exception and its sentence. */
export interface Mistake {
  readonly title: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly code: string;
  readonly message: string | RegExp;
  /** Where it is called from; us-east-1 unless given. */
  readonly region?: string;
}

const account = '123456789012';
const arn = (name: string) => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;
const there = arn('there');
const nowhere = arn('nowhere');
const unknown = `Unknown trail: ${nowhere} for the user: ${account}`;

/** Where the account has a trail `there`. */
export const otherMistakes: readonly Mistake[] = [
  {
    title: 'a name that no trail has',
    operation: 'GetTrail',
    input: { Name: 'nowhere' },
    code: 'TrailNotFoundException',
    message: `Unknown trail: nowhere for the user: ${account}`,
  },
  ...(['GetTrailStatus', 'StartLogging', 'StopLogging', 'DeleteTrail', 'UpdateTrail'] as const).map(
    (operation) => ({
      title: 'a name that no trail has',
      operation,
      input: { Name: 'nowhere' },
      code: 'TrailNotFoundException',
      message: unknown,
    }),
  ),
  {
    title: 'selectors of a name that no trail has',
    operation: 'GetEventSelectors',
    input: { TrailName: 'nowhere' },
    code: 'TrailNotFoundException',
    message: unknown,
  },
  {
    title: 'an ARN that is no ARN of a trail',
    operation: 'DeleteTrail',
    input: { Name: 'arn:aws:cloudtrail:us-east-1:1:trail/x' },
    code: 'CloudTrailARNInvalidException',
    message: /arn:aws:cloudtrail:us-east-1:1:trail\/x/,
  },
  {
    title: 'a change from another Region than the home Region',
    operation: 'StopLogging',
    input: { Name: there },
    region: 'eu-west-1',
    code: 'InvalidHomeRegionException',
    message: /us-east-1/,
  },
  {
    title: 'both kinds of selectors at a time',
    operation: 'PutEventSelectors',
    input: { TrailName: 'there', EventSelectors: [{}], AdvancedEventSelectors: [advanced()] },
    code: 'InvalidEventSelectorsException',
    message: /both/,
  },
  {
    title: 'a data resource that is no ARN',
    operation: 'PutEventSelectors',
    input: {
      TrailName: 'there',
      EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object', Values: ['my-bucket'] }] }],
    },
    code: 'InvalidEventSelectorsException',
    message: 'Value my-bucket for DataResources.Values is invalid.',
  },
  {
    title: 'a field that selectors do not have',
    operation: 'PutEventSelectors',
    input: {
      TrailName: 'there',
      AdvancedEventSelectors: [advanced({ Field: 'colour', Equals: ['blue'] })],
    },
    code: 'InvalidEventSelectorsException',
    message: /colour/,
  },
  {
    title: 'two lookup attributes',
    operation: 'LookupEvents',
    input: { LookupAttributes: [attribute('EventName'), attribute('Username')] },
    code: 'InvalidLookupAttributesException',
    message: /one lookup attribute/,
  },
  {
    title: 'a lookup attribute that there is not',
    operation: 'LookupEvents',
    input: { LookupAttributes: [attribute('Colour')] },
    code: 'InvalidLookupAttributesException',
    message: /Colour/,
  },
  {
    title: 'more results than a page has',
    operation: 'LookupEvents',
    input: { MaxResults: 51 },
    code: 'InvalidMaxResultsException',
    message: /50/,
  },
  {
    title: 'a category that there is not',
    operation: 'LookupEvents',
    input: { EventCategory: 'everything' },
    code: 'InvalidEventCategoryException',
    message: /insight/,
  },
  {
    title: 'a token that nobody gave out',
    operation: 'LookupEvents',
    input: { NextToken: 'AAAAAAAAAAAAAAAA' },
    code: 'InvalidNextTokenException',
    message: /NextToken/,
  },
  {
    title: 'tags of a trail that does not exist',
    operation: 'ListTags',
    input: { ResourceIdList: [nowhere] },
    code: 'ResourceNotFoundException',
    message: /nowhere/,
  },
  {
    title: 'tags of something that is no ARN',
    operation: 'AddTags',
    input: { ResourceId: 'there', TagsList: [{ Key: 'a', Value: 'b' }] },
    code: 'CloudTrailARNInvalidException',
    message: /there/,
  },
  {
    title: 'a tag that is reserved',
    operation: 'AddTags',
    input: { ResourceId: there, TagsList: [{ Key: 'aws:me', Value: 'b' }] },
    code: 'InvalidTagParameterException',
    message: /reserved/,
  },
  {
    title: 'keys by a token that nobody gave out',
    operation: 'ListPublicKeys',
    input: { NextToken: 'AAAA' },
    code: 'InvalidTokenException',
    message: /token/,
  },
  {
    title: 'an operation that is not there yet',
    operation: 'CreateEventDataStore',
    input: { Name: 'store' },
    code: 'UnsupportedOperationException',
    message: /CreateEventDataStore is not supported yet/,
  },
];

function advanced(...more: readonly object[]) {
  return { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }, ...more] };
}

function attribute(AttributeKey: string) {
  return { AttributeKey, AttributeValue: 'x' };
}
