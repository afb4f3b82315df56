import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildOptions, bundle } from '#infra/bundle.ts';
import { contracts, functionNames } from '#infra/contracts.ts';
import { atMost, type Figure, median } from './figure.ts';

interface BundleClass {
  name: string;
  functions: string[];
  sizeKb: [target: number, stretch: number];
  init?: { sample: string; ratio: [target: number, stretch: number] };
}

/** Every function belongs to one class, by what it has to carry. */
export const bundleClasses: BundleClass[] = [
  {
    name: 'webhook without TwiML',
    functions: [
      'calls.recordCallStatus',
      'calls.receiveRecording',
      'messages.recordDelivery',
      'messages.receiveMessage',
      'outbox.relayChanges',
    ],
    sizeKb: [320, 240],
    init: { sample: 'calls.recordCallStatus', ratio: [2.3, 1.5] },
  },
  {
    name: 'webhook with TwiML',
    functions: [
      'calls.answerCall',
      'calls.answerFallback',
      'calls.answerWhisper',
      'calls.completeDial',
      'calls.receiveVoicemail',
    ],
    sizeKb: [375, 320],
    init: { sample: 'calls.answerCall', ratio: [2.6, 1.8] },
  },
  {
    name: 'API',
    functions: [
      'auditLog.listEntries',
      'attribution.noteClick',
      'analytics.getAnalytics',
      'analytics.getPlatformAnalytics',
      'analytics.listTopDjs',
      'callers.blockCaller',
      'callers.listBlocks',
      'callers.unblockCaller',
      'calls.getCall',
      'calls.listAllCalls',
      'calls.listCalls',
      'calls.logCall',
      'calls.requestExport',
      'calls.updateCall',
      'platformEvents.getEvent',
      'platformEvents.listEvents',
      'platformEvents.redeliverEvent',
      'health.checkHealth',
      'numbers.getNumber',
      'numbers.showNumber',
      'numbers.updateNumber',
      'payments.assignPayment',
      'payments.listPayments',
      'payments.listPayouts',
      'payments.markPaid',
      'payments.showPayout',
      'payments.showRevenue',
      'pool.getAudit',
      'pool.getPurchase',
      'pool.listAudits',
      'pool.listHistory',
      'pool.listPool',
      'privacy.exportCaller',
      'switches.listSwitches',
      'switches.updateSwitches',
      'tipjar.receivePayment',
    ],
    sizeKb: [430, 330],
    init: { sample: 'calls.listCalls', ratio: [3.0, 2.6] },
  },
  {
    name: 'worker',
    functions: [
      'attribution.attributeCalls',
      'analytics.aggregateCalls',
      'analytics.auditCounters',
      'platformEvents.deliverEvent',
      'platformEvents.retryEvents',
      'calls.purgeRecordings',
      'numbers.refuseTexts',
      'pool.endRests',
      'pool.resumeOrders',
      'payments.auditLedger',
      'tipjar.matchPayments',
    ],
    sizeKb: [430, 330],
    init: { sample: 'analytics.aggregateCalls', ratio: [2.9, 2.4] },
  },
  {
    name: 'with files',
    functions: [
      'calls.copyRecording',
      'calls.getExport',
      'calls.getRecording',
      'calls.writeExport',
      'privacy.eraseCaller',
      'privacy.forgetCallers',
    ],
    sizeKb: [600, 480],
  },
  {
    name: 'with Twilio REST',
    functions: [
      'calls.sweepCalls',
      'messages.sendFollowUp',
      'messages.tellFormerTarget',
      'numbers.assignNumber',
      'numbers.diagnoseNumber',
      'pool.auditPool',
      'pool.buyNumbers',
      'pool.checkBalance',
      'pool.fillOrder',
      'pool.importNumbers',
      'pool.reclaimNumber',
      'pool.registerNumber',
      'pool.releaseNumber',
      'pool.replenishPool',
      'pool.repointNumbers',
      'pool.runAudit',
    ],
    sizeKb: [1350, 600],
  },
];

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
