import * as z from 'zod';
import { clickFields } from '#shared/attribution/click-fields.ts';
import { djProfileId } from '#shared/fields.ts';
import { route } from '#shared/http/route.ts';

export const noteClick = () =>
  route({
    method: 'POST',
    path: '/api/djdash/public/clicks',
    summary: "A page reports a click on its DJ's number; may be sent with navigator.sendBeacon",
    auth: ['public'],
    grants: ['dj:read', 'clicks:write'],
    takesPlainText: true,
    body: z.strictObject({ dj_profile_id: djProfileId, ...clickFields }),
    status: 202,
    reply: z.object({}),
    failures: ['NOT_FOUND'],
  });
