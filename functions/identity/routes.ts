import { route } from '#shared/http/route.ts';
import { showMeReply } from '#shared/identity/fields.ts';

export const showMe = () =>
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'Say whose token this is: their role, what they may see, and what they may do',
    auth: ['admin', 'service', 'dj', 'user'],
    grants: [],
    status: 200,
    reply: showMeReply,
  });
