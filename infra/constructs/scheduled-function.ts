import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Declared } from '#infra/contracts.ts';
import type { Schedule } from '#shared/schedule.ts';
import { grant } from './grants.ts';
import { resourceName } from './names.ts';
import type { Platform } from './platform.ts';
import { ServiceFunction } from './service-function.ts';

export interface ScheduledFunctionProps {
  readonly schedule: Declared<Schedule>;
  readonly platform: Platform;
}

/** A function that EventBridge Scheduler starts. */
export class ScheduledFunction extends Construct {
  constructor(scope: Construct, id: string, { schedule, platform }: ScheduledFunctionProps) {
    super(scope, id);
    const { contract, bundle } = schedule;
    const { config, timerDeadLetters: deadLetters } = platform;
    const { lambda } = new ServiceFunction(this, 'Service', {
      name: schedule,
      summary: contract.summary,
      timeoutSeconds: contract.timeoutSeconds,
      granted: grant(contract.grants, platform),
      platform,
      traced: false,
      // What the function fails to do after Lambda's two retries; what the scheduler can't hand over follows below.
      deadLetters,
    });
    const role = new Role(this, 'Role', {
      description: `Lets the scheduler start ${schedule.id}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      inlinePolicies: {
        start: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'Schedule', {
      name: resourceName(config.stage, bundle),
      description: contract.summary,
      scheduleExpression: contract.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: lambda.functionArn,
        roleArn: role.roleArn,
        // Nobody reads it but who finds it among the dead letters of all timers.
        input: JSON.stringify({ timer: bundle }),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
  }
}
