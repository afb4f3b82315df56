// Run as a program of its own: starts a stack on the assembly and port base given, prints its description and the
// address of its table engine, and stays until it is killed. With an instant it keeps what it holds, and goes on with it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startStack } from '#infra/local/stack.ts';

const [assembly, folder = '.local', portBase, at] = process.argv.slice(2);
const isFirst = !existsSync(join(folder, 'keep'));
try {
  const stack = await startStack({
    portBase: Number(portBase),
    folder,
    ...(assembly && { assembly }),
    ...(at !== undefined && { keep: true, ...(isFirst && { at: new Date(at) }) }),
  });
  console.log(JSON.stringify(stack.description));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
