// Run as a program of its own: starts a stack on the assembly and port base given, prints its description and the
// address of its table engine, and stays until it is killed.
import { startStack } from '#infra/local/stack.ts';

const [assembly, folder, portBase] = process.argv.slice(2);
try {
  const stack = await startStack({
    portBase: Number(portBase),
    ...(assembly && { assembly }),
    ...(folder && { folder }),
  });
  console.log(JSON.stringify(stack.description));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
