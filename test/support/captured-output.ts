/** What this process writes to stdout and stderr while `work` runs, which may fail. */
export async function capturedOutput(work: () => unknown): Promise<string> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const keep = (chunk: string | Uint8Array) => {
    written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  for (const stream of streams) stream.write = keep;
  try {
    await work();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
  }
  return written.join('');
}
