import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { errorEntry, isError } from './bare-error.ts';
import { mask } from './mask.ts';

const depthMax = 8;

/**
 * Makes every value plain before it becomes JSON: texts masked, errors cut to what may be logged. Other objects of a class
 * are named only, since what they would tell of themselves (`toJSON`) may be a request with its headers.
 */
function shown(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isError(value)) return errorEntry(value);
  if (value instanceof Date) return value.toJSON();
  if (depth === depthMax) return '...';
  if (Array.isArray(value)) return value.map((part) => shown(part, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return `[${value.constructor.name}]`;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [mask(name), shown(part, depth + 1)]),
  );
}

class MaskingFormatter extends LogFormatter {
  override formatAttributes(base: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName: service, xRayTraceId: xray_trace_id } = base;
    const item = { level, message, timestamp: this.formatTimestamp(timestamp), service, xray_trace_id };
    return new LogItem({ attributes: shown({ ...item, ...more }) as LogAttributes });
  }
}

/** JSON logs without secrets: errors by an allow-list, phone numbers by their last four digits. */
export const log = new Logger({ logFormatter: new MaskingFormatter() });
