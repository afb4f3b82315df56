import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '#infra/command-line.ts';
import { playStory, storyBegins, storyTimeZone } from './demo/story.ts';
import { Difference, Timeline } from './demo/timeline.ts';
import { startStack } from './stack.ts';

const usage = `Usage: npm run demo

Plays one afternoon, from a dialled number to booked revenue, on a stack of its own, and checks each step.`;

const next = `
Try it yourself
  npm start                              the same system, to stay; prints three requests to try
  npm run --silent token -- dj dj-ben    a token for its API: admin, service, or a DJ
  curl -X POST http://127.0.0.1:3011/_sim/calls -H 'content-type: application/json' \\
    -d '{"from": "+12065550123", "to": "<a number you gave to a DJ>", "talkSeconds": 95}'
                                         lets a phone ring; GET /_sim there lists what else it can do`;

const interrupted = new AbortController();

/** The `npm run demo` command. Sets the exit code: 1 when the system does not do what the story says. */
async function main(): Promise<void> {
  const print = (line: string) => console.log(line);
  if (readCommandLine({ typed: 'npm run demo', usage, options: {} }) === 'help') {
    print(usage);
    return;
  }
  const timeline = new Timeline(storyTimeZone, print);
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-demo-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      interrupted.abort();
      void cleanup.disposeAsync().finally(() => process.exit(130));
    });
  }

  timeline.title('DJ Dash Switchboard: one afternoon, from a dialled number to booked revenue');
  timeline.note(
    'The whole system starts on this machine, fresh and in memory. No account, no money, no real phones.',
  );
  const begunAt = performance.now();
  const stack = await startStack({ portBase: 0, folder, at: storyBegins });
  cleanup.defer(() => stack.stop());
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: storyTimeZone });
  timeline.note(`${day.format(storyBegins)}, Memphis time. A ✓ stands for: read back through the API.`);

  try {
    await playStory(stack, timeline);
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof Difference)) throw error;
    timeline.difference(error);
    print('\nThe system tells another story than it should.');
    const problems = stack.logs().filter(isProblem).slice(-5);
    if (problems.length > 0) print(`What its functions said last:\n  ${problems.join('\n  ')}`);
    return;
  }
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  print(`\n${timeline.checks} checks passed in ${seconds} s.`);
  print(next);
}

function isProblem(line: string): boolean {
  return /"level":"(WARN|ERROR|CRITICAL)"|Task timed out/.test(line);
}

try {
  await main();
} catch (error) {
  // Whoever interrupts need not be told what broke by it.
  if (!interrupted.signal.aborted) console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
