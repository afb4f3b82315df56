/** True for a report of a call; without any of these it tells of a click on a page. */
export function isCall(body: {
  call_sid?: string | undefined;
  caller_number?: string | undefined;
  call_status?: string | undefined;
  call_duration_seconds?: number | undefined;
}): boolean {
  return [body.call_sid, body.caller_number, body.call_status, body.call_duration_seconds].some(
    (given) => given !== undefined,
  );
}
