import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

const host = '127.0.0.1';

/** A port that something else listens on. */
export class PortTaken extends Error {
  readonly port: number;
  readonly wantedFor: string;

  constructor(port: number, wantedFor: string, options?: ErrorOptions) {
    super(
      `Port ${port}, wanted for the ${wantedFor}, is taken. Stop what uses it, or move the stack with --port-base N.`,
      options,
    );
    this.name = 'PortTaken';
    this.port = port;
    this.wantedFor = wantedFor;
  }
}

/**
 * Listens on this machine only and returns the port; 0 asks for any free one.
 * @throws PortTaken naming the port and who wanted it.
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
  return new PortTaken(port, who, { cause: error });
}

/** A port that is free at the moment, for programs that cannot be asked to choose one. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'probe');
  await closed(probe);
  return port;
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await listen(probe, port, 'probe');
  } catch (error) {
    if (error instanceof PortTaken) return false;
    throw error;
  }
  await closed(probe);
  return true;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
