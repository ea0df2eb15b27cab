/**
 * Whether `arn` is the whole ARN of a resource of `type`, which is what Equals and NotEquals on
 * `resources.ARN` need; any partition. For the types whose ARN format the API reference gives, the
 * service must fit; for the three basic ones and DynamoDB streams, the resource part too. For the
 * others any well-formed ARN is accepted. Source: API reference, AdvancedFieldSelector.
 */
export function isArnOfType(arn: string, type: string): boolean {
  const format = wholeFormats.get(type);
  if (format !== undefined) {
    return format.test(arn);
  }
  const parts = arn.split(':', 6);
  const [scheme, partition, service, region, account] = parts;
  if (scheme !== 'arn' || parts.length < 6 || !partitionPattern.test(partition ?? '')) {
    return false;
  }
  const resourceStart = parts.slice(0, 5).join(':').length + 1;
  const services = servicesOfType.get(type);
  return (
    servicePattern.test(service ?? '') &&
    regionPattern.test(region ?? '') &&
    accountPattern.test(account ?? '') &&
    arn.length > resourceStart &&
    (services === undefined || services.includes(service ?? ''))
  );
}

/**
 * Whether a basic selector accepts `value` in DataResources.Values for `type`. For S3 that is every
 * bucket, or a bucket with a slash and perhaps a key prefix: CloudTrail refuses `arn:aws:s3:::*`,
 * `arn:aws:s3:::bucket` without the slash and `arn:aws:s3:::/`
 * (terraform-provider-aws#4043, aws-cdk#3450, aws-samples/...-reference-architecture#335).
 */
export function isBasicDataResourceValue(value: string, type: BasicDataResourceType): boolean {
  return isEveryResourceValue(value)
    ? everyValueOf[type].test(value)
    : basicFormats[type].test(value);
}

/** Whether `value` stands for every resource of its service, such as `arn:aws:lambda`. */
export function isEveryResourceValue(value: string): boolean {
  return everyValue.test(value);
}

export type BasicDataResourceType = (typeof basicDataResourceTypes)[number];

/** Source: API reference, DataResource. */
export const basicDataResourceTypes = [
  'AWS::DynamoDB::Table',
  'AWS::Lambda::Function',
  'AWS::S3::Object',
] as const;

const partitionPattern = /^aws[a-z0-9-]{0,30}$/;
const servicePattern = /^[a-z0-9-]{1,64}$/;
const regionPattern = /^[a-z0-9-]{0,64}$/;
const accountPattern = /^(?:\d{12}|aws)?$/;

const everyValue = /^arn:aws[a-z0-9-]{0,30}:(?:s3(?::::)?|lambda|dynamodb)$/;
const everyValueOf: Readonly<Record<BasicDataResourceType, RegExp>> = {
  'AWS::DynamoDB::Table': /:dynamodb$/,
  'AWS::Lambda::Function': /:lambda$/,
  'AWS::S3::Object': /:s3(?::::)?$/,
};

const s3Object = /^arn:aws[a-z0-9-]{0,30}:s3:::[A-Za-z0-9._-]{3,255}\/.{0,1024}$/s;
const lambdaFunction =
  /^arn:aws[a-z0-9-]{0,30}:lambda:[a-z0-9-]{1,64}:\d{12}:function:[\w-]{1,140}(?::[\w$-]{1,128})?$/;
const dynamodbTable =
  /^arn:aws[a-z0-9-]{0,30}:dynamodb:[a-z0-9-]{1,64}:\d{12}:table\/[\w.-]{3,255}$/;
const dynamodbStream =
  /^arn:aws[a-z0-9-]{0,30}:dynamodb:[a-z0-9-]{1,64}:\d{12}:table\/[\w.-]{3,255}\/stream\/.{1,64}$/s;

const basicFormats: Readonly<Record<BasicDataResourceType, RegExp>> = {
  'AWS::DynamoDB::Table': dynamodbTable,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::S3::Object': s3Object,
};

const wholeFormats: ReadonlyMap<string, RegExp> = new Map([
  ...Object.entries(basicFormats),
  ['AWS::DynamoDB::Stream', dynamodbStream],
]);

/** The service in the ARN of each type; only those that the API reference of March 2024 gives. */
const servicesOfType: ReadonlyMap<string, readonly string[]> = new Map([
  ['AWS::AppConfig::Configuration', ['appconfig']],
  ['AWS::B2BI::Transformer', ['b2bi']],
  ['AWS::Bedrock::AgentAlias', ['bedrock']],
  ['AWS::Bedrock::KnowledgeBase', ['bedrock']],
  ['AWS::Cassandra::Table', ['cassandra']],
  ['AWS::CloudFront::KeyValueStore', ['cloudfront']],
  ['AWS::CloudTrail::Channel', ['cloudtrail']],
  ['AWS::CodeWhisperer::Customization', ['codewhisperer']],
  ['AWS::CodeWhisperer::Profile', ['codewhisperer']],
  ['AWS::Cognito::IdentityPool', ['cognito-identity']],
  ['AWS::EC2::Snapshot', ['ec2']],
  ['AWS::EMRWAL::Workspace', ['emrwal']],
  ['AWS::FinSpace::Environment', ['finspace']],
  ['AWS::Glue::Table', ['glue']],
  ['AWS::GreengrassV2::ComponentVersion', ['greengrass']],
  ['AWS::GreengrassV2::Deployment', ['greengrass']],
  ['AWS::GuardDuty::Detector', ['guardduty']],
  ['AWS::IoT::Certificate', ['iot']],
  ['AWS::IoT::Thing', ['iot']],
  ['AWS::IoTSiteWise::Asset', ['iotsitewise']],
  ['AWS::IoTSiteWise::TimeSeries', ['iotsitewise']],
  ['AWS::IoTTwinMaker::Entity', ['iottwinmaker']],
  ['AWS::IoTTwinMaker::Workspace', ['iottwinmaker']],
  ['AWS::KendraRanking::ExecutionPlan', ['kendra-ranking']],
  ['AWS::KinesisVideo::Stream', ['kinesisvideo']],
  ['AWS::ManagedBlockchain::Network', ['managedblockchain']],
  ['AWS::ManagedBlockchain::Node', ['managedblockchain']],
  ['AWS::MedicalImaging::Datastore', ['medical-imaging']],
  ['AWS::NeptuneGraph::Graph', ['neptune-graph']],
  ['AWS::PCAConnectorAD::Connector', ['pca-connector-ad']],
  ['AWS::QBusiness::Application', ['qbusiness']],
  ['AWS::QBusiness::DataSource', ['qbusiness']],
  ['AWS::QBusiness::Index', ['qbusiness']],
  ['AWS::QBusiness::WebExperience', ['qbusiness']],
  ['AWS::RDS::DBCluster', ['rds']],
  ['AWS::S3::AccessPoint', ['s3']],
  ['AWS::S3ObjectLambda::AccessPoint', ['s3-object-lambda']],
  ['AWS::S3Outposts::Object', ['s3-outposts']],
  ['AWS::SageMaker::Endpoint', ['sagemaker']],
  ['AWS::SageMaker::ExperimentTrialComponent', ['sagemaker']],
  ['AWS::SageMaker::FeatureGroup', ['sagemaker']],
  ['AWS::SCN::Instance', ['scn']],
  ['AWS::ServiceDiscovery::Namespace', ['servicediscovery']],
  ['AWS::ServiceDiscovery::Service', ['servicediscovery']],
  ['AWS::SNS::PlatformEndpoint', ['sns']],
  ['AWS::SNS::Topic', ['sns']],
  ['AWS::SQS::Queue', ['sqs']],
  ['AWS::SSM::ManagedNode', ['ssm', 'ec2']],
  ['AWS::SSMMessages::ControlChannel', ['ssmmessages']],
  ['AWS::SWF::Domain', ['swf']],
  ['AWS::ThinClient::Device', ['thinclient']],
  ['AWS::ThinClient::Environment', ['thinclient']],
  ['AWS::Timestream::Database', ['timestream']],
  ['AWS::Timestream::Table', ['timestream']],
  ['AWS::VerifiedPermissions::PolicyStore', ['verifiedpermissions']],
]);
