import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildOptions, bundle } from '#infra/bundle.ts';
import { contracts, declared, functionNames } from '#infra/contracts.ts';
import type { Route } from '#shared/http/route.ts';
import type { Consumer } from '#shared/queue/consumer.ts';
import type { Schedule } from '#shared/schedule.ts';
import { atMost, type Figure, median } from './figure.ts';

interface BundleClass {
  name: string;
  /** Whether a function belongs to it, unless a class before takes it. */
  takes(contract: Route | Consumer | Schedule): boolean;
  sizeKb: [target: number, stretch: number];
  init?: { sample: string; ratio: [target: number, stretch: number] };
}

/** What may be carried follows from the contract: by whom it is called, and what it is granted. */
const classes: BundleClass[] = [
  {
    name: 'with files',
    takes: ({ grants }) => grants.some((grant) => grant.startsWith('files:')),
    sizeKb: [600, 480],
  },
  {
    name: 'with Twilio REST',
    takes: ({ grants }) => grants.some((grant) => /^twilio:(numbers|messages|calls|balance)$/.test(grant)),
    sizeKb: [1350, 600],
  },
  {
    name: 'webhook with TwiML',
    takes: (contract) => isOfTwilio(contract) && contract.status === 200,
    sizeKb: [375, 320],
    init: { sample: 'calls.answerCall', ratio: [2.6, 1.8] },
  },
  {
    name: 'webhook without TwiML, or relay',
    takes: (contract) => isOfTwilio(contract) || ('source' in contract && contract.source === 'stream'),
    sizeKb: [320, 240],
    init: { sample: 'calls.recordCallStatus', ratio: [2.3, 1.5] },
  },
  {
    name: 'API document',
    takes: (contract) => 'path' in contract && contract.file === 'application/json',
    sizeKb: [500, 400],
  },
  {
    name: 'API',
    takes: (contract) => 'path' in contract,
    sizeKb: [432, 330],
    init: { sample: 'calls.listCalls', ratio: [3.0, 2.6] },
  },
  {
    name: 'worker',
    takes: () => true,
    sizeKb: [432, 330],
    init: { sample: 'analytics.aggregateCalls', ratio: [2.9, 2.4] },
  },
];

function isOfTwilio(contract: Route | Consumer | Schedule): contract is Route {
  return 'path' in contract && contract.auth[0] === 'twilio';
}

const functions = [
  ...declared(contracts.routes),
  ...declared(contracts.consumers),
  ...declared(contracts.schedules),
];

/** Every function in one class. */
export const bundleClasses = classes.map((one, index) => ({
  ...one,
  functions: functions
    .filter(({ contract }) => classes.findIndex(({ takes }) => takes(contract)) === index)
    .map(({ id }) => id),
}));

const rounds = 15;

/** Size of the largest bundle of each class, and how long its sample takes to load against a bare Node. */
export async function bundleFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  try {
    await bundle(folder);
    const figures: Figure[] = [];
    for (const { name, functions, sizeKb } of bundleClasses) {
      const sizes = await Promise.all(functions.map((id) => sizeOf(folder, id)));
      figures.push(
        atMost(`bundle, ${name} (largest of ${functions.length})`, Math.max(...sizes), ...sizeKb, ' KB'),
      );
    }
    figures.push({
      what: "init, the SDK's table client alone (the floor)",
      measured: `${loadRatio(await sdkAlone(folder)).toFixed(2)}x`,
      target: '',
      stretch: '',
      reached: undefined,
    });
    for (const { name, init } of bundleClasses) {
      if (init !== undefined)
        figures.push(atMost(`init, ${name}`, initRatio(folder, init.sample), ...init.ratio, 'x'));
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fileOf(folder: string, id: string): string {
  const found = functionNames(contracts).find((named) => named.id === id);
  if (found === undefined) throw new Error(`${id} is not declared any more`);
  return join(folder, found.bundle, 'index.js');
}

/** Kilobytes of a function's bundle. */
export async function sizeOf(folder: string, id: string): Promise<number> {
  return (await readFile(fileOf(folder, id))).byteLength / 1024;
}

function initRatio(folder: string, id: string): number {
  return loadRatio(fileOf(folder, id));
}

/** Whole process that loads the file against one that loads nothing: median of paired runs, so that load cancels out. */
function loadRatio(file: string): number {
  const load = `require(${JSON.stringify(file)})`;
  run(load);
  return median(Array.from({ length: rounds }, () => run(load) / run('0')));
}

/** The two prescribed packages and nothing of ours, bundled as functions are. */
async function sdkAlone(folder: string): Promise<string> {
  const outfile = join(folder, 'sdk-alone.js');
  const contents = `
    import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
    import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
    globalThis.kept = [DynamoDBDocumentClient.from(new DynamoDBClient({})), GetCommand, UpdateCommand];`;
  await build({ ...buildOptions, stdin: { contents, resolveDir: buildOptions.absWorkingDir }, outfile });
  return outfile;
}

function run(script: string): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
    env: functionEnvironment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`loading failed: ${stderr}`);
  return performance.now() - startedAt;
}

/** What functions read while they load. */
const functionEnvironment = {
  PATH: process.env['PATH'],
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  TABLE_NAME: 'bench',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'bench',
};
