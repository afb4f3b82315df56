import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

const host = '127.0.0.1';

/**
 * Listens on this machine only and returns the port; 0 asks for any free one.
 * @throws Error naming the port and who wanted it, when it is taken.
 */
export async function listen(server: Server, port: number, who: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw portProblem(error, port, who);
  }
  return (server.address() as AddressInfo).port;
}

/** The same sentence for every server that finds its port taken. */
export function portProblem(error: unknown, port: number, who: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new Error(
    `Port ${port}, wanted for the ${who}, is taken. Stop what uses it, or move the stack with --port-base N.`,
    { cause: error },
  );
}

/** A port that is free at the moment, for programs that cannot be asked to choose one. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'probe');
  probe.close();
  await once(probe, 'close');
  return port;
}
