// This folder tells people who they are to the system, and what they may do.

import type * as z from 'zod';
import type { Principal } from '#shared/http/principal.ts';
import { djOf } from '#shared/owner.ts';
import type { showMeReply } from './fields.ts';

/** A principal in the API's words; what it may do is decided here, so that no page has to know roles. */
export function meOf({ role, scope, membership }: Principal): z.input<typeof showMeReply>['me'] {
  return {
    role,
    scope: scope.kind,
    djProfileId: 'owner' in scope ? djOf(scope.owner) : null,
    tenantId: membership?.tenantId ?? null,
    userId: membership?.userId ?? null,
    tenantRole: membership?.tenantRole ?? null,
    can: {
      seeAllDjs: scope.kind === 'all' || scope.kind === 'djs',
      manageTenant: membership?.tenantRole === 'owner',
    },
  };
}
