/** What a change of a number asks for, as far as it matters here. */
interface Change {
  real_phone_number?: string | undefined;
  is_active?: boolean | undefined;
  settings?: { recording_enabled?: unknown; call_screening?: unknown } | undefined;
}

/**
 * True for a change with which a stolen session could take over a DJ's calls, listen to them or cut them off: of the
 * target, of recording and screening, and deactivation.
 */
export function needsRecentSignIn({
  real_phone_number: target,
  is_active: isActive,
  settings,
}: Change): boolean {
  return (
    target !== undefined ||
    isActive === false ||
    settings?.recording_enabled !== undefined ||
    settings?.call_screening !== undefined
  );
}
