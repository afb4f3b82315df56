import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.ts';

/** A running DynamoDB Local, ours or somebody's. */
export interface TableEngine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;

const noEngine = `No table engine found. The local stack and the tests need one of:
  1. Java 17 or newer on the PATH (or JAVA_HOME), e.g. "apt-get install default-jre-headless" or "brew install openjdk"
  2. a running Docker, which then runs the image amazon/dynamodb-local
  3. DYNAMODB_ENDPOINT=http://host:port of a DynamoDB Local that runs already`;

/**
 * Starts DynamoDB Local, in memory or with its data in a folder, or takes the one DYNAMODB_ENDPOINT names. The engine ends
 * with this process, however this process ends. It listens on all interfaces of the machine: it has no option to bind one.
 * @throws Error naming the three ways to get an engine, when none is there.
 */
export async function startTableEngine(
  env: NodeJS.ProcessEnv = process.env,
  dataFolder?: string,
): Promise<TableEngine> {
  const given = env['DYNAMODB_ENDPOINT'];
  if (given) {
    await answering(given.replace(/\/$/, ''), () => '');
    return { endpoint: given.replace(/\/$/, ''), stop: async () => {} };
  }
  const port = await freePort();
  const command = commandFor(port, env, dataFolder);
  if (!command) throw new Error(noEngine);
  // Its own folder, because the engine leaves a file in the one it is started from.
  const child = spawn('sh', ['-c', command], { env, cwd: tmpdir(), stdio: 'pipe', detached: true });
  const output = tailOf(child);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.stdin?.end();
    await exited;
  };
  try {
    await answering(endpoint, output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

/**
 * The shell holds our pipe as its standard input: when this process goes, even by SIGKILL, `cat` ends and the
 * engine with it.
 */
function commandFor(
  port: number,
  env: NodeJS.ProcessEnv,
  dataFolder: string | undefined,
): string | undefined {
  const java = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  if (works(java, ['-version'], env)) {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
      'emulator',
    );
    const run = [
      quote(java),
      // Quick to start rather than quick after hours: a run lasts seconds to minutes.
      '-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx768m',
      quote(`-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`),
      `-jar ${quote(join(folder, 'DynamoDBLocal.jar'))}`,
      `${dataFolder === undefined ? '-inMemory' : `-dbPath ${quote(dataFolder)}`} -sharedDb -disableTelemetry -port ${port}`,
    ].join(' ');
    return `${run} & j=$!; cat >/dev/null; kill -9 $j`;
  }
  if (works('docker', ['info'], env)) {
    if (dataFolder !== undefined)
      throw new Error(
        'With Docker the table engine keeps nothing: --keep needs Java 17 or newer on the PATH.',
      );
    const name = `table-engine-${randomBytes(4).toString('hex')}`;
    const run = `docker run --rm --name ${name} -p 127.0.0.1:${port}:8000 amazon/dynamodb-local -jar DynamoDBLocal.jar -inMemory -sharedDb`;
    return `${run} & cat >/dev/null; docker rm -f ${name}`;
  }
  return undefined;
}

// A program that is on the PATH may still be a stub (macOS ships such a java), so it is tried.
function works(program: string, args: string[], env: NodeJS.ProcessEnv): boolean {
  return spawnSync(program, args, { env, stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2_000);
    });
  }
  return () => tail;
}

async function answering(endpoint: string, output: () => string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  for (;;) {
    // An unsigned request is refused with 400, which only a listening engine does.
    const status = await fetch(endpoint, { method: 'POST', signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.status,
      () => undefined,
    );
    if (status !== undefined) return;
    if (Date.now() > until || /Exception|already in use|Error response/.test(output()))
      throw new Error(`The table engine at ${endpoint} does not answer. ${output()}`.trim());
    await sleep(50);
  }
}
