import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { type FileFolder, fileFolders, type Grant } from '#shared/grant.ts';
import { type QueueName, queueVariable } from '#shared/queue-name.ts';
import { type Partition, partitions } from '#shared/table/keys.ts';
import type { Platform } from './platform.ts';
import { indexNames } from './single-table.ts';

/** What a contract's grants come to: permission and environment together. */
export interface Granted {
  readonly statements: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /** Resources with a wildcard, as findings of cdk-nag name them. */
  readonly wildcards: readonly string[];
}

const tableActions = {
  // No Scan: a leading-key condition of ForAllValues passes a request that names no key at all.
  read: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
  write: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
  append: ['dynamodb:PutItem'],
} as const;

const tableModes = Object.keys(tableActions) as (keyof typeof tableActions)[];

/** Permission and environment for exactly these grants. */
export function grant(grants: readonly Grant[], platform: Platform): Granted {
  const statements = [
    ...tableStatements(grants, platform),
    ...fileStatements(grants, platform),
    ...secretStatements(grants, platform),
    ...queueStatements(grants, platform),
  ];
  const wildcards = foldersOf(grants, ...fileModes).map((folder) => `${platform.files.readAs}/${folder}/*`);
  return { statements, environment: environment(grants, platform), wildcards };
}

function tableStatements(grants: readonly Grant[], { table }: Platform): PolicyStatement[] {
  return tableModes.flatMap((mode) => {
    const prefixes = grants.filter((name) => name.endsWith(`:${mode}`)).map(leadingKey);
    if (prefixes.length === 0) return [];
    const indexes = mode === 'read' ? indexNames.map((name) => `${table.tableArn}/index/${name}`) : [];
    return new PolicyStatement({
      actions: [...tableActions[mode]],
      resources: [table.tableArn, ...indexes],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes } },
    });
  });
}

function leadingKey(name: Grant): string {
  const partition = name.slice(0, name.indexOf(':'));
  if (!(partition in partitions))
    throw new Error(`Grant "${name}" names no partition of shared/table/keys.ts`);
  return `${partitions[partition as Partition]}*`;
}

const fileActions = { read: 's3:GetObject', write: 's3:PutObject', delete: 's3:DeleteObject' } as const;
const fileModes = ['read', 'write', 'delete'] as const;

function fileStatements(grants: readonly Grant[], { files }: Platform): PolicyStatement[] {
  return fileModes.flatMap((mode) => {
    const folders = foldersOf(grants, mode);
    if (folders.length === 0) return [];
    const resources = folders.map((folder) => files.arnForObjects(`${folder}/*`));
    return new PolicyStatement({ actions: [fileActions[mode]], resources });
  });
}

function foldersOf(grants: readonly Grant[], ...modes: (typeof fileModes)[number][]): FileFolder[] {
  const names: readonly string[] = grants;
  return fileFolders.filter((folder) => modes.some((mode) => names.includes(`files:${mode}-${folder}`)));
}

/** Which grants let a function read a secret, and the variable that then names it. */
const secretGrants: Readonly<
  Record<keyof Platform['secrets'], { grants: readonly Grant[]; variable: string }>
> = {
  // REST calls sign in with the very token that webhooks are signed with, unless the secret has an API key.
  twilio: {
    grants: [
      'twilio:signature',
      'twilio:numbers',
      'twilio:messages',
      'twilio:calls',
      'twilio:recordings',
      'twilio:balance',
    ],
    variable: 'TWILIO_SECRET_ID',
  },
  tipjar: { grants: ['tipjar:signature'], variable: 'TIPJAR_SECRET_ID' },
  tipjarApi: { grants: ['tipjar:sessions'], variable: 'TIPJAR_API_SECRET_ID' },
  keys: { grants: ['consent:key'], variable: 'KEYS_SECRET_ID' },
  cursors: { grants: ['cursors:key'], variable: 'CURSORS_SECRET_ID' },
  platform: { grants: ['platform:webhook'], variable: 'PLATFORM_SECRET_ID' },
};

/** The secrets that a function may read, by the variables that name them. */
function secretsOf(grants: readonly Grant[], { secrets }: Platform): [variable: string, secret: ISecret][] {
  return (Object.keys(secretGrants) as (keyof Platform['secrets'])[])
    .filter((name) => secretGrants[name].grants.some((one) => grants.includes(one)))
    .map((name) => [secretGrants[name].variable, secrets[name]]);
}

function secretStatements(grants: readonly Grant[], platform: Platform): PolicyStatement[] {
  const needed = secretsOf(grants, platform);
  if (needed.length === 0) return [];
  return [
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: needed.map(([, secret]) => secret.secretArn),
    }),
  ];
}

function queueStatements(grants: readonly Grant[], platform: Platform): PolicyStatement[] {
  const queues = queueGrants(grants).map((name) => findQueue(name, platform));
  if (queues.length === 0) return [];
  return [
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: queues.map((queue) => queue.queueArn) }),
  ];
}

/** Grants of what is asked through Twilio's SDK. */
const restGrants = ['twilio:numbers', 'twilio:messages', 'twilio:calls', 'twilio:balance'] as const;

function environment(grants: readonly Grant[], platform: Platform): Record<string, string> {
  const { config } = platform;
  const has = (...names: Grant[]) => names.some((name) => grants.includes(name));
  return {
    ...(grants.some((name) => tableModes.some((mode) => name.endsWith(`:${mode}`))) && {
      TABLE_NAME: platform.table.tableName,
    }),
    ...Object.fromEntries(
      secretsOf(grants, platform).map(([variable, { secretArn }]) => [variable, secretArn]),
    ),
    ...(has(...restGrants, 'twilio:recordings') && {
      TWILIO_API_URL: config.twilioApiUrl,
      TWILIO_TIMEOUT_MS: String(config.twilioTimeoutMs),
    }),
    ...(has(...restGrants) && {
      TWILIO_MESSAGING_URL: config.twilioMessagingUrl,
    }),
    ...(has('twilio:numbers', 'twilio:messages') && {
      PUBLIC_BASE_URL: platform.publicBaseUrl,
      MESSAGING_SERVICE_SID: config.messagingServiceSid ?? '',
    }),
    ...(has('twilio:signature') && { FORMER_BASE_URLS: platform.formerBaseUrls.join(',') }),
    ...(has('twilio:numbers') && { DAILY_PURCHASE_CAP: String(config.dailyPurchaseCap) }),
    ...(has('twilio:messages', 'twilio:numbers') && { PLATFORM_SENDER: config.platformSender ?? '' }),
    ...(grants.some((name) => name.startsWith('files:')) && { FILES_BUCKET: platform.files.bucketName }),
    ...(has('files:read-recordings', 'files:write-recordings') && {
      RECORDING_DAYS: String(config.recordingDays),
    }),
    ...(has('pool:policy') && { POOL_POLICY: JSON.stringify(config.pool) }),
    ...(has('texts:policy') && { TEXTS_POLICY: JSON.stringify(config.texts) }),
    ...(has('followUps:policy') && { FOLLOW_UP_POLICY: JSON.stringify(config.followUp) }),
    ...(has('retention:policy') && { RETENTION_POLICY: JSON.stringify(config.retention) }),
    ...(has('calls:policy') && { CALL_POLICY: JSON.stringify(config.calls) }),
    ...(has('platform:webhook') && {
      PLATFORM_WEBHOOK_URL: config.platformWebhook?.url ?? '',
      PLATFORM_WEBHOOK_EVENTS: config.platformWebhook?.events.join(',') ?? '',
    }),
    ...(has('tipjar:sessions') && {
      TIPJAR_BASE_URL: config.tipjar.baseUrl,
      TIPJAR_PAY_ORIGINS: config.tipjar.payOrigins.join(','),
    }),
    ...Object.fromEntries(
      queueGrants(grants).map((name) => [queueVariable(name), findQueue(name, platform).queueUrl]),
    ),
  };
}

function queueGrants(grants: readonly Grant[]): QueueName[] {
  return grants.flatMap((name) =>
    name.startsWith('queue:') ? [name.slice('queue:'.length) as QueueName] : [],
  );
}

function findQueue(name: QueueName, { queues }: Platform) {
  const pair = queues[name];
  if (!pair) throw new Error(`Queue "${name}" is granted, but no consumer drains it`);
  return pair.queue;
}
