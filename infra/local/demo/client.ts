/** What came back: JSON parsed, anything else as text. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Ask {
  /** A bearer token. */
  token?: string | undefined;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

export type Client = <Body = unknown>(request: string, ask?: Ask) => Promise<Answer<Body>>;

/** A client of one server: `await client('GET /api/health')`. Redirects are not followed. */
export function clientOf(baseUrl: string): Client {
  return async (request, { token, json, form, headers }: Ask = {}) => {
    const [method = '', path = ''] = request.split(' ', 2);
    const response = await fetch(baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form && { body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    // What it is only the caller knows.
    const body = (isJson ? JSON.parse(text) : text) as never;
    return { status: response.status, headers: response.headers, body };
  };
}
