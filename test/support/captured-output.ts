import { format } from 'node:util';

const levels = ['debug', 'error', 'info', 'log', 'warn'] as const;

/** What this process writes to stdout, stderr and the console while `work` runs, which may fail. */
export async function capturedOutput(work: () => unknown): Promise<string> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const keep = (chunk: string | Uint8Array) => {
    written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  for (const stream of streams) stream.write = keep;
  // Under Vitest the console goes past the streams.
  const real = { ...console };
  for (const level of levels) console[level] = (...args: unknown[]) => void keep(`${format(...args)}\n`);
  try {
    await work();
  } finally {
    for (const level of levels) console[level] = real[level];
    for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
  }
  return written.join('');
}
