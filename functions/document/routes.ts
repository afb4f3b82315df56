import { route } from '#shared/http/route.ts';

export const showDocument = () =>
  route({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This document, with the address of the stage that answers it',
    auth: ['public'],
    grants: [],
    cacheSeconds: { found: 300, missing: 10 },
    status: 200,
    file: 'application/json',
  });
