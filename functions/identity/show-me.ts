import { httpHandler } from '#shared/http/handler.ts';
import { meOf } from '#shared/identity/show-me.ts';
import * as identity from './routes.ts';

export const handler = httpHandler(identity.showMe, async ({ principal }) => ({ me: meOf(principal) }));
