import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Outcome } from './webhooks/webhooks.ts';

export interface Verb {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: Verb[];
}

/** What Twilio lists in its error log when it cannot use an answer. */
export class TwimlError extends Error {
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TwimlError';
    this.code = code;
  }
}

const bytesMax = 64 * 1024;
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  // Phone numbers and digits stay as they are written.
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  // Without it, numeric references such as &#233; would stay as they are.
  htmlEntities: true,
});

/**
 * The verbs of an answer.
 * @throws TwimlError 11200 or 11205 when there was none, 11750 too large, 12300 wrong type, 12100 not well-formed.
 */
export function verbsOf(outcome: Outcome): Verb[] {
  if (outcome.status === null)
    throw new TwimlError(outcome.failure === 'ct' ? 11205 : 11200, outcome.error ?? 'No answer');
  if (outcome.status >= 300) throw new TwimlError(11200, `The server answered ${outcome.status}`);
  if (Buffer.byteLength(outcome.body) > bytesMax) throw new TwimlError(11750, 'TwiML has at most 64 kB');
  const type = outcome.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/plain')
    return outcome.body === '' ? [] : [{ name: 'Say', attributes: {}, text: outcome.body, children: [] }];
  if (!['text/xml', 'application/xml', 'text/html'].includes(type))
    throw new TwimlError(12300, `TwiML has the content type text/xml, not ${type || 'none'}`);
  return parseTwiml(outcome.body);
}

function parseTwiml(xml: string): Verb[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new TwimlError(12100, `Not well-formed XML: ${valid.err.msg}`);
  const [root] = verbsIn(parser.parse(xml) as Node[]);
  if (root?.name !== 'Response') throw new TwimlError(12100, 'TwiML has one root, <Response>');
  return root.children;
}

type Node = Record<string, Node[] | string | Record<string, string>>;

function verbsIn(nodes: Node[]): Verb[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text' && !key.startsWith('?'));
    if (name === undefined) return [];
    const inner = node[name] as Node[];
    const text = inner.map(({ '#text': part }) => (typeof part === 'string' ? part : '')).join('');
    return [
      { name, attributes: (node[':@'] ?? {}) as Record<string, string>, text, children: verbsIn(inner) },
    ];
  });
}
