import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Gateway, HttpRoutes } from '#infra/constructs/http-routes.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { QueueConsumer } from '#infra/constructs/queue-consumer.ts';
import { ScheduledFunction } from '#infra/constructs/scheduled-function.ts';
import { StreamConsumer } from '#infra/constructs/stream-consumer.ts';
import { type Contracts, declared, kebab } from '#infra/contracts.ts';
import { gatewayDomains } from './api-stack.ts';

export interface DomainStackProps extends StackProps {
  /** The folders of functions/ that it deploys. */
  readonly domains: readonly string[];
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Folders that share a stack; every other folder has its own. */
const sharedStacks: Readonly<Record<string, string>> = {
  pool: 'numbers',
  messages: 'calls',
  callers: 'calls',
  attribution: 'calls',
  tipjar: 'payments',
};

/** Stack name -> the domains in it. */
export function domainStacks({ routes, consumers, schedules }: Contracts): Map<string, string[]> {
  const domains = new Set([routes, consumers, schedules].flatMap((kind) => Object.keys(kind)));
  const ownStack = [...domains].filter((domain) => !gatewayDomains.includes(domain)).sort();
  return Map.groupBy(ownStack, (domain) => sharedStacks[domain] ?? kebab(domain));
}

/** The endpoints, workers and timers of a part of the business. */
export class DomainStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { domains, contracts, gateway, platform, ...props }: DomainStackProps,
  ) {
    super(scope, id, props);
    const here = ({ domain }: { domain: string }) => domains.includes(domain);
    new HttpRoutes(this, 'Routes', { routes: declared(contracts.routes).filter(here), gateway, platform });
    for (const consumer of declared(contracts.consumers).filter(here)) {
      const { contract } = consumer;
      if (contract.source === 'queue') {
        new QueueConsumer(this, consumer.bundle, { consumer: { ...consumer, contract }, platform });
      } else {
        new StreamConsumer(this, consumer.bundle, { consumer: { ...consumer, contract }, platform });
      }
    }
    for (const schedule of declared(contracts.schedules).filter(here)) {
      new ScheduledFunction(this, schedule.bundle, { schedule, platform });
    }
  }
}
