import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '#infra/config.ts';
import type { QueueName } from '#shared/queue-name.ts';
import type { FilesBucket } from './files-bucket.ts';

/** How tokens are read; each claim is a path into the token. */
export interface TokenClaims {
  readonly rolesClaim: readonly string[];
  readonly scopesClaim: readonly string[];
  readonly djClaim: readonly string[];
  readonly serviceScope: string;
}

/** A queue between functions and where its hopeless messages go. */
export interface QueuePair {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
}

/** What the functions share: made by the data and api stacks, handed to every stack after them. */
export interface Platform {
  readonly config: Config;
  /** Folder of the bundles. */
  readonly bundles: string;
  readonly table: ITableV2;
  /** Recordings and exports. */
  readonly files: FilesBucket;
  readonly secrets: Readonly<
    Record<'twilio' | 'tipjar' | 'tipjarApi' | 'keys' | 'cursors' | 'platform', ISecret>
  >;
  readonly queues: Readonly<Partial<Record<QueueName, QueuePair>>>;
  /** Where what timers failed to do ends, of all of them: each message names its timer. */
  readonly timerDeadLetters: IQueue;
  readonly claims: TokenClaims;
  /** URL under which Twilio, TipJar and people reach the API, no trailing slash. */
  readonly publicBaseUrl: string;
  /** Other base URLs for which Twilio may sign webhooks. */
  readonly formerBaseUrls: readonly string[];
}
