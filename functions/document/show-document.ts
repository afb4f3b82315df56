import document from '#docs/openapi.json' with { type: 'json' };
import { requireEnv } from '#shared/env.ts';
import { httpHandler, TextReply } from '#shared/http/handler.ts';
import * as contracts from './routes.ts';

const text = JSON.stringify({ ...document, servers: [{ url: requireEnv('PUBLIC_BASE_URL') }] });

export const handler = httpHandler(
  contracts.showDocument,
  async () => new TextReply('application/json', text),
);
