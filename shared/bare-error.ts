import { types } from 'node:util';
import type { Detail } from './failure.ts';
import { mask } from './mask.ts';

/** What of an error may be written down. */
interface ErrorEntry {
  name: string;
  message: string;
  code?: string | number;
  /** Problems of a request, as our own failures list them. */
  details?: Detail[];
  stack?: string;
  cause?: ErrorEntry;
  /** What was tried side by side and failed. */
  errors?: ErrorEntry[];
}

const causesMax = 5;

export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/**
 * An error as it may be logged: an allow-list, since those of HTTP clients carry the request with its Authorization
 * header, and those of the table the item. Texts are masked.
 */
export function errorEntry(error: unknown, depth = 0): ErrorEntry {
  if (!isError(error)) return { name: 'not an Error', message: textOf(error) };
  // As they are, whatever their types promise: Twilio's library takes the message from what it was answered.
  const { name, message, code, details, errors } = error as { [M in keyof ErrorEntry]?: unknown };
  const deeper = depth < causesMax;
  return {
    name: textOf(name),
    message: textOf(message),
    ...(typeof code === 'number' && { code }),
    ...(typeof code === 'string' && { code: mask(code) }),
    ...(Array.isArray(details) && { details: details.filter(isDetail).map(masked) }),
    ...(error.stack !== undefined && { stack: mask(error.stack) }),
    ...(deeper && error.cause !== undefined && { cause: errorEntry(error.cause, depth + 1) }),
    ...(deeper && Array.isArray(errors) && { errors: errors.map((one) => errorEntry(one, depth + 1)) }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? mask(value) : `(${typeof value})`;
}

function isDetail(value: unknown): value is Detail {
  const { path, message } = (value ?? {}) as Partial<Detail>;
  return typeof path === 'string' && typeof message === 'string';
}

function masked({ path, message }: Detail): Detail {
  return { path: mask(path), message: mask(message) };
}

/** An error with nothing but what `errorEntry` allows, for whoever prints errors whole: Lambda's runtime does. */
export function bareError(error: unknown): Error {
  return errorOf(errorEntry(error));
}

function errorOf({ message, cause, ...rest }: ErrorEntry): Error {
  const bare = new Error(message, cause && { cause: errorOf(cause) });
  // Like those of any other error: JSON and the runtime leave them out.
  for (const name of ['name', 'stack'] as const)
    Object.defineProperty(bare, name, { value: rest[name], configurable: true, writable: true });
  return rest.code === undefined ? bare : Object.assign(bare, { code: rest.code });
}
