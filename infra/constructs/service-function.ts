import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '#infra/contracts.ts';
import type { Granted } from './grants.ts';
import { metricsNamespace, resourceName } from './names.ts';
import type { Platform } from './platform.ts';

export interface ServiceFunctionProps {
  readonly name: FunctionName;
  readonly summary: string;
  readonly timeoutSeconds: number;
  readonly granted: Granted;
  readonly platform: Pick<Platform, 'config' | 'bundles'>;
  /** Where invocations go that nobody waits for and that failed for good. */
  readonly deadLetters?: IQueue;
  /** Is each run traced? Yes unless told: of what nobody waits for, the log tells enough. */
  readonly traced?: boolean;
  /** Places that it has to itself among the functions that may run at once; none unless told. */
  readonly reservedConcurrency?: number | undefined;
}

/** One Lambda with its role and log group. The only place where a Lambda is configured. */
export class ServiceFunction extends Construct {
  readonly lambda: Lambda;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { name, granted, platform, deadLetters, traced = true } = props;
    const { stage } = platform.config;
    const functionName = resourceName(stage, name.bundle);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: `What ${name.id} may do`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        contract: new PolicyDocument({
          statements: [
            ...logStatements(logGroup),
            ...(traced ? [traceStatement()] : []),
            ...granted.statements,
            ...deadLetterStatements(deadLetters),
          ],
        }),
      },
    });
    this.lambda = new Lambda(this, 'Function', {
      functionName,
      description: props.summary,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(platform.bundles, name.bundle)),
      handler: 'index.handler',
      memorySize: 512,
      timeout: Duration.seconds(props.timeoutSeconds),
      reservedConcurrentExecutions: props.reservedConcurrency,
      tracing: traced ? Tracing.ACTIVE : Tracing.DISABLED,
      logGroup,
      // Constructs that meet the function would add to its role what its contract does not grant.
      role: role.withoutPolicyUpdates(),
      ...(deadLetters && { deadLetterQueue: deadLetters }),
      environment: {
        STAGE: stage,
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: name.domain,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(stage),
        POWERTOOLS_LOG_LEVEL: 'INFO',
        ...granted.environment,
      },
    });
    if (traced) {
      const reason = 'X-Ray has no resources to name: its two actions know only "*".';
      Validations.of(role).acknowledge(
        { id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]', reason },
        { id: 'Serverless::Serverless-LambdaStarPermissions', reason },
      );
    } else {
      Validations.of(this.lambda).acknowledge({
        id: 'Serverless::Serverless-LambdaTracing',
        reason: 'Nobody waits for a timer: traces of runs every minute cost more than the runs themselves.',
      });
    }
    for (const resource of granted.wildcards) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'A folder of the bucket is granted; which files will lie in it nobody knows before.',
      });
    }
    if (!deadLetters) {
      Validations.of(this.lambda).acknowledge({
        id: 'Serverless::Serverless-LambdaDLQ',
        reason:
          'Nothing invokes it asynchronously: its caller waits, or its event source has the dead-letter queue.',
      });
    }
  }
}

function logStatements(logGroup: LogGroup): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  ];
}

function traceStatement(): PolicyStatement {
  return new PolicyStatement({
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
  });
}

function deadLetterStatements(deadLetters: IQueue | undefined): PolicyStatement[] {
  if (!deadLetters) return [];
  return [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] })];
}
