import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { alarmPlans, type Severity } from '#infra/alarms.ts';
import { AlarmTopic } from '#infra/constructs/alarm-topic.ts';
import type { Gateway } from '#infra/constructs/http-routes.ts';
import { ImpactAlarm } from '#infra/constructs/impact-alarm.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { SwitchboardDashboard } from '#infra/constructs/switchboard-dashboard.ts';
import type { Contracts } from '#infra/contracts.ts';

export interface OperationsStackProps extends StackProps {
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Alarms, whom they reach, and the dashboard. It names what it watches: nothing of another stack hangs on it. */
export class OperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { contracts, gateway, platform, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props);
    const { stage, identity, twilioBalanceMin, alarmEmail, pageEmail } = platform.config;
    const everybody = alarmEmail ? new AlarmTopic(this, 'Alarms', alarmEmail) : undefined;
    const topics: Record<Severity, AlarmTopic | undefined> = {
      page: pageEmail && pageEmail !== alarmEmail ? new AlarmTopic(this, 'Pages', pageEmail) : everybody,
      ticket: everybody,
    };
    const watched = { stage, apiId: gateway.apiId, twilioBalanceMin, userPool: !identity };
    for (const plan of alarmPlans(contracts, watched)) {
      new ImpactAlarm(this, plan.name, { stage, plan, topic: topics[plan.severity] });
    }
    new SwitchboardDashboard(this, 'Dashboard', { contracts, gateway, platform });
  }
}
