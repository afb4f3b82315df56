import * as z from 'zod';

/** What Twilio documents of one method of one path. */
export interface Fact {
  method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` is one segment. */
  path: string;
  /** Every parameter that Twilio knows there, in the query of GET and in the form of POST. */
  parameters: Record<string, z.ZodType>;
  required?: string[];
  /** Of an answer that says yes. */
  status: number;
  /** The whole of such an answer; undefined for none, `file` for bytes that are no JSON. */
  reply?: z.ZodType | 'file';
  /** Where it is from, and when it was read. */
  source: string;
}

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  method: string;
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  status: number;
  contentType: string;
  /** The body of the answer. */
  text: string;
}

/** Every refusal of Twilio's (https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions, recalled). */
const refusal = z.strictObject({
  code: z.int().min(10_000),
  message: z.string().min(1),
  more_info: z.url(),
  status: z.int(),
});

/** The fact that an exchange falls under. */
export function factOf<Name extends string>(
  facts: Record<Name, Fact>,
  { method, path }: Pick<Exchange, 'method' | 'path'>,
): Name | undefined {
  const names = Object.keys(facts) as Name[];
  return names.find((name) => {
    const fact = facts[name];
    const pattern = fact.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/.]+');
    return fact.method === method && new RegExp(`^${pattern}$`).test(path);
  });
}

/** What of an exchange is not as the fact says, sentence by sentence. */
export function violations(fact: Fact, exchange: Exchange): string[] {
  return [...ofRequest(fact, exchange), ...ofAnswer(fact, exchange)].map(
    (problem) => `${exchange.method} ${exchange.path}: ${problem}`,
  );
}

function ofRequest({ method, parameters, required = [] }: Fact, exchange: Exchange): string[] {
  const { query, form, headers } = exchange;
  const [sent, elsewhere] = method === 'POST' ? [form, query] : [query, form];
  const problems = [...elsewhere.keys()].map((name) => `${name} is sent where Twilio does not look`);
  for (const [name, value] of sent) {
    const schema = parameters[name];
    if (schema === undefined) problems.push(`Twilio knows no parameter ${name}`);
    else if (!schema.safeParse(value).success) problems.push(`${name} cannot be "${value}"`);
  }
  for (const name of required) if (!sent.has(name)) problems.push(`${name} is required`);
  if (!/^Basic \S+$/.test(String(headers['authorization']))) problems.push('there is no login');
  if (method === 'POST' && !String(headers['content-type']).startsWith('application/x-www-form-urlencoded'))
    problems.push('the form is not sent as a form');
  return problems;
}

function ofAnswer({ status, reply }: Fact, exchange: Exchange): string[] {
  if (exchange.status >= 400) return ofJson(refusal, exchange);
  if (exchange.status !== status) return [`the answer is ${exchange.status}, not ${status}`];
  if (reply === 'file') return exchange.text === '' ? ['the file is empty'] : [];
  if (reply !== undefined) return ofJson(reply, exchange);
  return exchange.text === '' ? [] : [`${status} comes with a body`];
}

function ofJson(schema: z.ZodType, { contentType, text }: Exchange): string[] {
  if (!contentType.startsWith('application/json')) return [`the answer is ${contentType}, not JSON`];
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
}
