import { RestError } from './reply.ts';

interface Asked {
  path: string;
  query: URLSearchParams;
}

interface Cut<Item> {
  items: Item[];
  page: number;
  size: number;
  start: number;
  first: string;
  self: string;
  next: string | null;
  previous: string | null;
}

/**
 * One page of a list. Tokens name the item they continue after (`PA`) or end before (`PB`), so that a page
 * stays right when items are added meanwhile.
 */
function cut<Item extends { sid: string }>(items: Item[], { path, query }: Asked): Cut<Item> {
  const size = Number(query.get('PageSize') ?? 50);
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw new RestError(400, 20006, 'Page size must be between 1 and 1000');
  const token = query.get('PageToken');
  const page = Number(query.get('Page') ?? 0);
  let start = token === null ? page * size : 0;
  if (token !== null) {
    const at = items.findIndex((item) => item.sid === token.slice(2));
    if (at < 0) throw new RestError(400, 20006, `Invalid PageToken ${token}`);
    start = token.startsWith('PA') ? at + 1 : Math.max(0, at - size);
  }
  const shown = items.slice(start, start + size);
  const link = (to: number, pageToken?: string): string => {
    const params = new URLSearchParams(query);
    params.set('PageSize', String(size));
    params.set('Page', String(to));
    params.delete('PageToken');
    if (pageToken !== undefined) params.set('PageToken', pageToken);
    return `${path}?${params.toString()}`;
  };
  const last = shown.at(-1);
  const hasNext = last !== undefined && start + size < items.length;
  return {
    items: shown,
    page,
    size,
    start,
    first: link(0),
    self: link(page, token ?? undefined),
    next: hasNext ? link(page + 1, `PA${last.sid}`) : null,
    previous: start > 0 && shown[0] ? link(Math.max(0, page - 1), `PB${shown[0].sid}`) : null,
  };
}

/** A list as the 2010 API pages it. */
export function listPage<Item extends { sid: string }>(
  asked: Asked,
  key: string,
  items: Item[],
  show: (item: Item) => unknown,
): Record<string, unknown> {
  const page = cut(items, asked);
  return {
    [key]: page.items.map(show),
    page: page.page,
    page_size: page.size,
    start: page.start,
    end: page.start + Math.max(0, page.items.length - 1),
    uri: page.self,
    first_page_uri: page.first,
    next_page_uri: page.next,
    previous_page_uri: page.previous,
  };
}

/** A list as the newer APIs page it: with a `meta` object and absolute addresses. */
export function metaPage<Item extends { sid: string }>(
  asked: Asked & { baseUrl: string },
  key: string,
  items: Item[],
  show: (item: Item) => unknown,
): Record<string, unknown> {
  const page = cut(items, asked);
  const absolute = (link: string | null): string | null => link && asked.baseUrl + link;
  return {
    [key]: page.items.map(show),
    meta: {
      key,
      page: page.page,
      page_size: page.size,
      url: absolute(page.self),
      first_page_url: absolute(page.first),
      next_page_url: absolute(page.next),
      previous_page_url: absolute(page.previous),
    },
  };
}
