import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What clients need to know; also in the stack's file. */
export interface StackDescription {
  /** The process that runs it. */
  pid: number;
  startedAt: string;
  api: string;
  publicBaseUrl: string;
  control: string;
  issuer: string;
  /** Where the machine client gets its tokens, and what it shows there: what a stage's outputs and Cognito tell. */
  tokenUrl: string;
  client: { id: string; secret: string; scope: string };
  clockOffsetMs: number;
  twilio: { baseUrl: string; accountSid: string; authToken: string };
  tipjar: { baseUrl: string; webhookSecret: string };
  /** The table, past the roles of the functions, and the key under which opt-outs stand in it. */
  table: { endpoint: string; name: string; consentKey: string };
  /** Where events for the platform go, what came to the stand-in, and the key they are signed with. */
  platform: { webhookUrl: string; eventsUrl: string; webhookKey: string };
}

/** Where the newest stack with this folder describes itself, or the one whose API has this port. */
export function descriptionFile(folder: string, portBase?: number): string {
  return portBase === undefined
    ? join(resolve(folder), 'stack.json')
    : join(resolve(folder), 'stacks', `${portBase}.json`);
}

/**
 * The stack that runs with this folder: the newest, or the one whose API has this port.
 * @throws Error that says what to do, when there is none
 */
export async function readDescription(folder: string, portBase?: number): Promise<StackDescription> {
  const file = descriptionFile(folder, portBase);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as StackDescription;
  } catch (cause) {
    const others = portBase === undefined ? [] : await describedStacks(folder);
    if (others.length > 0) {
      const ports = others.map((other) => portOf(other)).join(', ');
      throw new Error(`No stack runs here with --port-base ${portBase}; there are: ${ports}.`, { cause });
    }
    const command = portBase === undefined ? 'npm start' : `npm start -- --port-base ${portBase}`;
    throw new Error(`No stack is running here (${file} is missing). Start one with: ${command}`, { cause });
  }
}

/** Describes a stack that has just started: from now on it is the newest. */
export async function announce(folder: string, description: StackDescription): Promise<void> {
  await write(descriptionFile(folder, portOf(description)), description);
  await write(descriptionFile(folder), description);
}

/** Describes a stack again in which something has changed. */
export async function describeAgain(folder: string, description: StackDescription): Promise<void> {
  await write(descriptionFile(folder, portOf(description)), description);
  const newest = await readDescription(folder).catch(() => undefined);
  if (newest === undefined || newest.api === description.api)
    await write(descriptionFile(folder), description);
}

/** Takes back what a stack told of itself; of those that still run, the newest takes its place. */
export async function withdraw(folder: string, description: StackDescription): Promise<void> {
  await rm(descriptionFile(folder, portOf(description)), { force: true });
  const newest = await readDescription(folder).catch(() => undefined);
  if (newest?.api !== description.api) return;
  const next = (await describedStacks(folder)).toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
  if (next) await write(descriptionFile(folder), next);
  else await rm(descriptionFile(folder), { force: true });
}

/** Every stack with this folder whose process lives. */
export async function describedStacks(folder: string): Promise<StackDescription[]> {
  const stacks = dirname(descriptionFile(folder, 0));
  const names = (await readdir(stacks).catch(() => [])).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(stacks, name), 'utf8').catch(() => undefined);
      return text === undefined ? [] : [JSON.parse(text) as StackDescription];
    }),
  );
  return all.flat().filter(({ pid }) => lives(pid));
}

function portOf({ api }: StackDescription): number {
  return Number(new URL(api).port);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be asked, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** All at once: programs read it whenever they like. */
async function write(file: string, description: StackDescription): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const made = `${file}.${description.pid}`;
  await writeFile(made, `${JSON.stringify(description, null, 2)}\n`);
  await rename(made, file);
}
