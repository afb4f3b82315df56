import type * as z from 'zod';
import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { type E164, isCallId } from '#shared/id.ts';
import type { Page } from '#shared/table/client.ts';
import { platformList } from '#shared/table/keys.ts';
import type { ConsentRepository } from '#shared/texts/consent.repository.ts';
import type { KeptText, ReceivedTexts } from '#shared/texts/received.repository.ts';
import type { KeptSentText, SentTexts } from '#shared/texts/sent.repository.ts';
import type { CallerData } from './caller-data.repository.ts';
import type { exportReply } from './fields.ts';

export interface ExportDeps {
  data: Pick<CallerData, 'calls' | 'openCalls'>;
  callers: Pick<CallerRepository, 'blocksOf'>;
  texts: Pick<ReceivedTexts, 'ofPhone'>;
  sent: Pick<SentTexts, 'about'>;
  consents: Pick<ConsentRepository, 'find'>;
}

/** The lists that an export goes through, in this order. */
const lists = ['open', 'calls', 'texts'] as const;

interface ExportPlace {
  list: (typeof lists)[number];
  key?: Record<string, string> | undefined;
}

interface Part {
  calls: Call[];
  texts: KeptText[];
  next: Page['next'];
}

/** Calls and texts on one page, as near as whole pages of the lists come to it. */
const entriesOfPage = 100;

/** Everything held on a phone. Blocks and consent stand on every page; calls and texts go on where `next_cursor` leads. */
export async function exportCaller(
  deps: ExportDeps,
  phoneNumber: E164,
  cursor: string | undefined,
): Promise<z.input<typeof exportReply>> {
  const query = ['export', phoneNumber];
  const [blocks, consent] = await Promise.all([
    deps.callers.blocksOf(phoneNumber),
    deps.consents.find(phoneNumber),
  ]);
  const calls: Call[] = [];
  const texts: KeptText[] = [];
  let place: ExportPlace | undefined = (await readCursor(query, cursor, isExportPlace)) ?? { list: 'open' };
  while (place !== undefined) {
    const { list, key }: ExportPlace = place;
    const part = await partOf(deps, phoneNumber, list, key);
    const isFull = calls.length + texts.length >= entriesOfPage;
    if (isFull && part.calls.length + part.texts.length > 0) break;
    calls.push(...part.calls);
    texts.push(...part.texts);
    const nextList: ExportPlace['list'] | undefined = lists[lists.indexOf(list) + 1];
    place =
      part.next !== undefined
        ? { list, key: part.next }
        : nextList === undefined
          ? undefined
          : { list: nextList };
  }
  return {
    phone_number: phoneNumber,
    calls: calls.map((call) => ({ ...callReplyOf(call), timeline: timelineOf(call) })),
    received_texts: texts.map(({ messageSid, to, body, at, mediaCount }) => ({
      message_sid: messageSid,
      to,
      body,
      media_count: mediaCount,
      at,
    })),
    sent_texts: (await sentAbout(deps, calls, texts)).map(({ kind, about, body, at }) => ({
      kind,
      call_id: isCallId(about) ? about : null,
      body,
      at,
    })),
    blocks: blocks.map(({ list, reason, by, at }) => ({
      dj_profile_id: list === platformList ? null : list,
      reason,
      blocked_by: by,
      blocked_at: at,
    })),
    consent:
      consent === undefined
        ? null
        : { texts_allowed: !consent.optedOut, source: consent.source, since: consent.since },
    next_cursor: place === undefined ? null : await writeCursor(query, place),
  };
}

/** What was texted about the calls and texts of a page; a page has a few more than a hundred of them at times. */
async function sentAbout({ sent }: ExportDeps, calls: Call[], texts: KeptText[]): Promise<KeptSentText[]> {
  const subjects = [...calls.map(({ id }) => id), ...texts.map(({ messageSid }) => messageSid)];
  const found: KeptSentText[] = [];
  for (let first = 0; first < subjects.length; first += entriesOfPage)
    found.push(...(await sent.about(subjects.slice(first, first + entriesOfPage))));
  return found;
}

async function partOf(
  { data, texts }: ExportDeps,
  phoneNumber: E164,
  list: ExportPlace['list'],
  key: Record<string, string> | undefined,
): Promise<Part> {
  if (list === 'open') return { calls: await data.openCalls(phoneNumber), texts: [], next: undefined };
  if (list === 'texts') return { calls: [], ...(await texts.ofPhone(phoneNumber, entriesOfPage, key)) };
  const { calls, next } = await data.calls(phoneNumber, entriesOfPage, key);
  return { calls: calls.filter((call) => call.callerNumber === phoneNumber), texts: [], next };
}

function isExportPlace(place: unknown): place is ExportPlace {
  if (typeof place !== 'object' || place === null) return false;
  const { list, key } = place as { list?: unknown; key?: unknown };
  return lists.some((name) => name === list) && (key === undefined || isKeyPlace(key));
}
