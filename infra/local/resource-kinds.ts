/** What names and addresses of resources depend on. */
export interface World {
  region: string;
  account: string;
  /** Base of the queue URLs that functions see. */
  queueEndpoint: string;
  apiUrl: string;
  /** Added to table names, where several stacks share an engine. */
  tableSuffix: string;
}

type Naming = (name: string, world: World) => string;

export interface Kind {
  /** Properties that are understood, or known to make no difference here; undefined: the type has no local meaning. */
  properties?: ReadonlySet<string>;
  nameProperty?: string;
  /** Its name here, from its name in the cloud. */
  localName?: Naming;
  /** What Ref gives; its name unless told. */
  ref?: Naming;
  attributes?: Record<string, Naming>;
}

const arn =
  (service: string, prefix = ''): Naming =>
  (name, { region, account }) =>
    `arn:aws:${service}:${service === 'iam' ? '' : region}:${account}:${prefix}${name}`;

// Secrets Manager ends its ARNs in six characters of its own, and policies are written against that.
const secretArn = arn('secretsmanager', 'secret:');
const fullSecretArn: Naming = (name, world) => `${secretArn(name, world)}-Local0`;

const words = (list: string) => new Set(list.trim().split(/\s+/));

/** Types that the local stack plays. */
const played: Record<string, Kind> = {
  'AWS::DynamoDB::GlobalTable': {
    nameProperty: 'TableName',
    localName: (name, { tableSuffix }) => `${name}${tableSuffix}`,
    attributes: {
      Arn: arn('dynamodb', 'table/'),
      StreamArn: (name, world) => `${arn('dynamodb', 'table/')(name, world)}/stream/local`,
    },
    properties:
      words(`AttributeDefinitions BillingMode GlobalSecondaryIndexes KeySchema Replicas SSESpecification
      StreamSpecification TableName TimeToLiveSpecification WarmThroughput WriteOnDemandThroughputSettings`),
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: (name, { queueEndpoint, account }) => `${queueEndpoint}/${account}/${name}`,
    attributes: { Arn: arn('sqs'), QueueName: (name) => name },
    properties:
      words(`QueueName VisibilityTimeout MessageRetentionPeriod RedrivePolicy RedriveAllowPolicy DelaySeconds
      MaximumMessageSize ReceiveMessageWaitTimeSeconds SqsManagedSseEnabled KmsMasterKeyId
      KmsDataKeyReusePeriodSeconds Tags`),
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    localName: (name) => name.toLowerCase(),
    attributes: { Arn: (name) => `arn:aws:s3:::${name}` },
    properties:
      words(`BucketEncryption BucketName CorsConfiguration LifecycleConfiguration OwnershipControls PublicAccessBlockConfiguration
      Tags`),
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    attributes: { Arn: arn('lambda', 'function:') },
    properties:
      words(`Architectures Code DeadLetterConfig Description Environment FunctionName Handler LoggingConfig
      MemorySize ReservedConcurrentExecutions Role Runtime Tags Timeout TracingConfig`),
  },
  'AWS::Lambda::EventSourceMapping': {
    properties:
      words(`BatchSize BisectBatchOnFunctionError DestinationConfig Enabled EventSourceArn FilterCriteria
      FunctionName FunctionResponseTypes MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts
      MetricsConfig ParallelizationFactor ScalingConfig StartingPosition Tags`),
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    attributes: { Arn: arn('iam', 'role/'), RoleId: (name) => name },
    properties: words('AssumeRolePolicyDocument Description ManagedPolicyArns Path Policies RoleName Tags'),
  },
  'AWS::IAM::Policy': { properties: words('PolicyDocument PolicyName Roles') },
  'AWS::ApiGatewayV2::Api': {
    ref: (name) => name,
    attributes: { ApiEndpoint: (_name, { apiUrl }) => apiUrl, ApiId: (name) => name },
    properties: words(`CorsConfiguration Description DisableExecuteApiEndpoint Name ProtocolType
      RouteSelectionExpression Tags`),
  },
  'AWS::ApiGatewayV2::Authorizer': {
    attributes: { AuthorizerId: (name) => name },
    properties: words('ApiId AuthorizerType IdentitySource JwtConfiguration Name'),
  },
  'AWS::ApiGatewayV2::Integration': {
    properties: words(`ApiId Description IntegrationMethod IntegrationType IntegrationUri PayloadFormatVersion
      TimeoutInMillis`),
  },
  'AWS::ApiGatewayV2::Route': {
    properties: words(
      'ApiId AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteKey Target',
    ),
  },
  'AWS::ApiGatewayV2::Stage': {
    properties:
      words(`AccessLogSettings ApiId AutoDeploy DefaultRouteSettings Description RouteSettings StageName
      Tags`),
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    attributes: { Arn: arn('scheduler', 'schedule/default/') },
    properties:
      words(`Description FlexibleTimeWindow GroupName Name ScheduleExpression ScheduleExpressionTimezone State
      Target`),
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    ref: fullSecretArn,
    attributes: { Arn: fullSecretArn, Id: fullSecretArn },
    properties: words('Description GenerateSecretString KmsKeyId Name SecretString Tags'),
  },
};

/** Types that mean nothing on one machine: watching, logs, permissions between services, names on the internet. */
const withoutLocalMeaning = words(`
  AWS::ApiGateway::Account AWS::ApiGatewayV2::ApiMapping AWS::ApiGatewayV2::DomainName
  AWS::CDK::Metadata
  AWS::CertificateManager::Certificate
  AWS::CloudWatch::Alarm AWS::CloudWatch::CompositeAlarm AWS::CloudWatch::Dashboard
  AWS::Cognito::UserPool AWS::Cognito::UserPoolClient AWS::Cognito::UserPoolDomain AWS::Cognito::UserPoolGroup
  AWS::Cognito::UserPoolResourceServer
  AWS::KMS::Alias AWS::KMS::Key
  AWS::Lambda::Permission
  AWS::Logs::LogGroup AWS::Logs::MetricFilter AWS::Logs::ResourcePolicy
  AWS::Route53::RecordSet
  AWS::S3::BucketPolicy
  AWS::Scheduler::ScheduleGroup
  AWS::SecretsManager::ResourcePolicy
  AWS::SNS::Subscription AWS::SNS::Topic AWS::SNS::TopicPolicy
  AWS::SQS::QueuePolicy
`);

export function kindOf(type: string): Kind | undefined {
  return played[type] ?? (withoutLocalMeaning.has(type) ? {} : undefined);
}
