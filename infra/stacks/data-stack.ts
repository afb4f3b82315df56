import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '#infra/config.ts';
import { DeadLetterQueue } from '#infra/constructs/dead-letter-queue.ts';
import { FilesBucket } from '#infra/constructs/files-bucket.ts';
import { deadLettersOf, resourceName, timers } from '#infra/constructs/names.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { Secrets } from '#infra/constructs/secrets.ts';
import { SingleTable } from '#infra/constructs/single-table.ts';
import { UserDirectory } from '#infra/constructs/user-directory.ts';
import { WorkQueue } from '#infra/constructs/work-queue.ts';
import { type Contracts, declared, kebab } from '#infra/contracts.ts';
import type { QueueName } from '#shared/queue-name.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
  readonly contracts: Contracts;
  readonly bundles: string;
}

/** What must outlive every deployment: table, files, queues, secrets, users. */
export class DataStack extends Stack {
  readonly platform: Omit<Platform, 'publicBaseUrl' | 'formerBaseUrls'>;
  readonly issuer: string;
  readonly audience: readonly string[];

  constructor(scope: Construct, id: string, { config, contracts, bundles, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: config.retainData });
    const { stage, retainData } = config;
    const table = new SingleTable(this, 'Table', { tableName: resourceName(stage), retainData });
    const files = new FilesBucket(this, 'Files', config);
    const secrets = new Secrets(this, 'Secrets', { stage, retainData });
    const queues = this.#addQueues(contracts, stage);
    const identity = config.identity ?? new UserDirectory(this, 'Identity', { config, bundles });
    // Deletion protection keeps them in a first deployment that fails, too: they come when little is left that can fail.
    if (identity instanceof UserDirectory) {
      identity.node.addDependency(files, secrets, ...Object.values(queues));
      table.node.addDependency(identity);
    }
    table.node.addDependency(files, secrets, ...Object.values(queues));
    const timerDeadLetters = new DeadLetterQueue(this, 'Timers', deadLettersOf(stage, timers));
    pin(timerDeadLetters, 'TimerDeadLetters');
    this.issuer = identity.issuer;
    this.audience = identity.audience;
    this.platform = {
      config,
      bundles,
      table,
      files,
      secrets,
      queues,
      timerDeadLetters,
      claims: identity instanceof UserDirectory ? identity.claims : identity,
    };
    new CfnOutput(this, 'TableName', { value: table.tableName, description: 'The table' });
    new CfnOutput(this, 'FilesBucketName', {
      value: files.bucketName,
      description: 'The bucket of recordings and exports',
    });
    for (const [name, secret] of Object.entries(secretOutputs)) {
      new CfnOutput(this, name, {
        value: `switchboard/${stage}/${secret}`,
        description: `Name of the secret with the ${secret} values`,
      });
    }
  }

  #addQueues(contracts: Contracts, stage: string): Partial<Record<QueueName, WorkQueue>> {
    const queues: Partial<Record<QueueName, WorkQueue>> = {};
    for (const { id, contract } of declared(contracts.consumers)) {
      if (contract.source !== 'queue') continue;
      const { queue: name } = contract;
      if (queues[name])
        throw new Error(`${id} drains the queue "${name}", which another consumer drains already`);
      const pair = new WorkQueue(this, `${name}Queue`, {
        queueName: resourceName(stage, kebab(name)),
        consumer: contract,
      });
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      pin(pair.queue, `${title}Queue`);
      pin(pair.deadLetters, `${title}DeadLetters`);
      queues[name] = pair;
    }
    return queues;
  }
}

const secretOutputs = {
  TwilioSecretName: 'twilio',
  TipJarSecretName: 'tipjar',
  TipJarApiSecretName: 'tipjar-api',
  KeysSecretName: 'keys',
  PlatformSecretName: 'platform',
};

/** A changed logical id would replace the queue and lose the messages in it. */
function pin(queue: Queue, logicalId: string): void {
  (queue.node.defaultChild as CfnQueue).overrideLogicalId(logicalId);
}
