import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, inject } from 'vitest';
import { buildAssembly } from '#infra/local/assembly.ts';
import type { Answered } from '#infra/local/gateway.ts';
import { clientId } from '#infra/local/identity.ts';
import { type Stack, type StackOptions, startStack } from '#infra/local/stack.ts';
import { holdAgainstDocument, operationFor } from './api-document.ts';
import { sharedBundles } from './bundles.ts';
import { onceARun } from './once-a-run.ts';

export interface TestStackOptions extends Omit<StackOptions, 'portBase' | 'folder'> {
  /** A stack that nobody had before and nobody gets after: its functions are cold. */
  own?: boolean;
}

let shared: Promise<Stack> | undefined;
/** Answers of stacks that the API's document does not have like that. */
const undocumented: string[] = [];

/**
 * The whole system, empty. Call it at the top of a test file: `const stack = await testStack();`. The files of a process
 * follow each other on one stack, since what costs is to start its functions; it is reset in between. A file whose
 * options a running stack cannot take, or that asks for it, gets a stack of its own, stopped after its tests.
 */
export async function testStack(options: TestStackOptions = {}): Promise<Stack> {
  const { own, at, redeliverAfterSeconds, ...fixed } = options;
  afterAll(() => expect(undocumented.splice(0), 'answers that docs/openapi.json does not have').toEqual([]));
  if (own || Object.keys(fixed).length > 0) {
    const stack = await start(options);
    afterAll(() => stack.stop());
    return stack;
  }
  const stack = await (shared ??= start(options));
  try {
    await stack.reset({ at, redeliverAfterSeconds });
    return stack;
  } catch {
    // What the last file left does not come to rest.
    await stack.stop();
    shared = start(options);
    return shared;
  }
}

async function start({ own: _own, ...options }: TestStackOptions): Promise<Stack> {
  return startStack({
    portBase: 0,
    folder: await mkdtemp(join(inject('runFolder'), 'stack-')),
    tableEndpoint: inject('tableEndpoint'),
    // Test files call one function after the other: what costs is to start them again.
    keptSandboxes: 48,
    // What another assembly answers, the document need not know.
    ...(options.assembly === undefined && { onAnswer: compareWithDocument }),
    ...options,
    assembly: options.assembly ?? (await sharedAssembly()),
  });
}

function compareWithDocument({ method, url, status, headers, body }: Answered): void {
  const name = operationFor(method, url);
  if (name === undefined) return;
  try {
    holdAgainstDocument(name, { status, headers, text: String(body) });
  } catch (error) {
    undocumented.push((error as Error).message);
  }
}

/** Bundles and templates are made once a run, by the first test file that needs them. */
export function sharedAssembly(): Promise<string> {
  return onceARun('app', async (folder) => {
    const { folder: bundles } = await sharedBundles();
    await buildAssembly(folder, { audience: clientId, bundles });
  });
}
