import { createHmac } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stageConfig } from '#infra/config.ts';
import { resourceName } from '#infra/constructs/names.ts';
import { descriptionFile, readDescription, type StackDescription } from '#infra/local/stack-description.ts';
import type { FollowUpPolicy } from '#shared/follow-up/policy.ts';
import { connectTable, type Table } from '#shared/table/client.ts';
import { type PhoneHash, phoneHash } from '#shared/texts/phone-hash.ts';
import { loginOf, twilioCredentials } from '#shared/twilio/credentials.ts';
import { type TwilioHistory, twilioHistory } from '#shared/twilio/history.ts';
import { describe } from './copied-table.ts';

/** One stage, at AWS or on this machine, as far as a restore needs it. */
export interface Stage {
  name: string;
  client: DynamoDBClient;
  tableName: string;
  table: Table;
  history: TwilioHistory;
  /** Opt-outs stand under it. */
  hashOf: PhoneHash;
  /** A phone always gets the same variant of a text. */
  texts: Pick<FollowUpPolicy, 'paymentLink' | 'missedCall'>;
  /** Days that a number rests of which nobody knows who has it. */
  restDays: number;
  now: () => Date;
}

/** A stage at AWS, with the rights of whoever runs this: the table, and the secrets `twilio` and `keys`. */
export async function stageAtAws(name: string): Promise<Stage> {
  const { region, twilioApiUrl, pool, followUp } = stageConfig(name);
  process.env['AWS_REGION'] = region;
  process.env['TWILIO_SECRET_ID'] = `switchboard/${name}/twilio`;
  process.env['KEYS_SECRET_ID'] = `switchboard/${name}/keys`;
  const credentials = await twilioCredentials();
  const client = new DynamoDBClient({ region, maxAttempts: 10 });
  const tableName = resourceName(name);
  return {
    name,
    client,
    tableName,
    table: connectTable(tableName, client),
    history: twilioHistory({
      baseUrl: twilioApiUrl,
      accountSid: credentials.accountSid,
      login: loginOf(credentials),
    }),
    hashOf: phoneHash,
    texts: followUp,
    restDays: pool.coolingDays,
    now: () => new Date(),
  };
}

/** The stack that runs on this machine, the newest if there are several. */
export async function runningStage(): Promise<Stage> {
  const file = descriptionFile('.local');
  const stage = localStage(await readDescription('.local'));
  try {
    await describe(stage.client, stage.tableName);
  } catch (cause) {
    throw new Error(`The stack that ${file} describes does not answer; start one with "npm start"`, {
      cause,
    });
  }
  return stage;
}

/** A stack on this machine that describes itself so. */
export function localStage({
  table,
  twilio,
  clockOffsetMs,
}: Pick<StackDescription, 'table' | 'twilio' | 'clockOffsetMs'>): Stage {
  const client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
  });
  const { pool, followUp } = stageConfig('local');
  const { baseUrl, accountSid, authToken } = twilio;
  return {
    name: 'local',
    client,
    tableName: table.name,
    table: connectTable(table.name, client),
    history: twilioHistory({ baseUrl, accountSid, login: [accountSid, authToken] }),
    hashOf: (phoneNumber) =>
      Promise.resolve(createHmac('sha256', table.consentKey).update(phoneNumber).digest('hex')),
    texts: followUp,
    restDays: pool.coolingDays,
    now: () => new Date(Date.now() + clockOffsetMs),
  };
}
