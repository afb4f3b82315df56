import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What clients need to know; also in stack.json. */
export interface StackDescription {
  api: string;
  publicBaseUrl: string;
  control: string;
  issuer: string;
  clockOffsetMs: number;
  twilio: { baseUrl: string; accountSid: string; authToken: string };
  tipjar: { baseUrl: string; webhookSecret: string };
  /** The table, past the roles of the functions, and the key under which opt-outs stand in it. */
  table: { endpoint: string; name: string; consentKey: string };
  /** Where events for the platform go, what came there, and the key they are signed with. */
  platform: { webhookUrl: string; eventsUrl: string; webhookKey: string };
}

/** Where a stack with this folder describes itself. */
export function descriptionFile(folder: string): string {
  return join(resolve(folder), 'stack.json');
}

export async function writeDescription(folder: string, description: StackDescription): Promise<void> {
  await mkdir(resolve(folder), { recursive: true });
  await writeFile(descriptionFile(folder), `${JSON.stringify(description, null, 2)}\n`);
}
