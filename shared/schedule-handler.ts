import { bareError } from './bare-error.ts';
import { log } from './log.ts';

/**
 * The handler of a timer. What it throws is logged and thrown again bare: Lambda's runtime prints what a handler throws
 * with all its properties, which of an HTTP client's error are the request and its credentials.
 */
export function scheduleHandler<T>(work: () => Promise<T>): () => Promise<T> {
  return async () => {
    log.resetKeys();
    try {
      return await work();
    } catch (error) {
      log.error('timer failed', error as Error);
      throw bareError(error);
    }
  };
}
