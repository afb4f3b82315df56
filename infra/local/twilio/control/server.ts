import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import { checked } from '#infra/local/controls.ts';
import { readBody } from '#infra/local/twilio/listen.ts';
import { sendDue } from '#infra/local/twilio/messaging/send.ts';
import { type Answer, type Controlled, controlsOf } from './controls.ts';
import { Refusal } from './refusal.ts';

/** Answers one request of the control API. */
export async function serveControl(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await dispatch(controlled, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = { status: error.status, body: { error: error.message } };
  }
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
}

async function dispatch(controlled: Controlled, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://control');
  const text = await readBody(request).catch((error: unknown) => {
    throw new Refusal(400, error instanceof Error ? error.message : String(error));
  });
  const controls = controlsOf(controlled);
  for (const [call, { body: bodySchema, query: querySchema, answer }] of Object.entries(controls)) {
    const [method = '', path = ''] = call.split(' ');
    const ids = idsOf(path, url.pathname);
    if (method === request.method && ids) {
      const given = method === 'GET' || text === '' ? {} : parseJson(text);
      const { world } = controlled;
      sendDue(world);
      if (method !== 'GET')
        world.journal.add('control', { request: `${method} ${url.pathname}`, body: given });
      const body = bodySchema && parse(bodySchema, given);
      const query = querySchema && parse(querySchema, Object.fromEntries(url.searchParams));
      const made = await answer({ controlled, world, ids, query, body });
      if (method !== 'GET') await controlled.world.commit();
      return made;
    }
  }
  const elsewhere =
    controlled.elsewhere === undefined
      ? ''
      : ` Calls, texts and numbers are those of the Twilio at ${controlled.elsewhere}.`;
  throw new Refusal(
    404,
    `There is no ${request.method} ${url.pathname} here; GET /_sim lists what there is.${elsewhere}`,
  );
}

function idsOf(pattern: string, path: string): string[] | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const fits =
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
  return fits ? given.filter((_, at) => wanted[at]?.startsWith(':')) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body must be JSON.');
  }
}

function parse(schema: z.ZodType, value: unknown): unknown {
  const result = checked(schema, value);
  if ('problem' in result) throw new Refusal(400, result.problem);
  return result.data;
}
