import type { Keep } from './keep.ts';
import { QueuePoller, type Queues } from './queues.ts';
import { StreamPoller } from './stream.ts';
import type { Resource } from './template.ts';

export interface EventSourceOptions {
  region: string;
  tableEndpoint: string;
  /** The engine's name of each stream of the template. */
  streams: ReadonlyMap<string, string>;
  queues: Queues;
  invoke: (functionRef: string, event: unknown) => Promise<unknown>;
  hurried: () => boolean;
  redeliverAfterSeconds: () => number | undefined;
  keep: Keep;
}

export interface EventSources {
  queuePollers: QueuePoller[];
  streamPollers: StreamPoller[];
}

/** The event source mappings of the template. @throws Error for a source that the local stack does not know. */
export function eventSources(resources: readonly Resource[], options: EventSourceOptions): EventSources {
  const sources: EventSources = { queuePollers: [], streamPollers: [] };
  const { tableEndpoint: endpoint, streams, queues, ...common } = options;
  const mappings = resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  for (const mapping of mappings.filter(({ properties }) => properties['Enabled'] !== false)) {
    const source = String(mapping.properties['EventSourceArn']);
    const streamArn = streams.get(source);
    if (streamArn) {
      const sendToQueue = (arn: string, body: string) => queues.send(arn, body);
      sources.streamPollers.push(new StreamPoller({ ...common, mapping, endpoint, streamArn, sendToQueue }));
    } else if (queues.has(source)) {
      sources.queuePollers.push(new QueuePoller({ ...common, mapping, queues }));
    } else {
      throw new Error(
        `${mapping.stack}/${mapping.logicalId}: no queue or stream of the template is ${source}.`,
      );
    }
  }
  return sources;
}
