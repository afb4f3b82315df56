export interface Reply {
  status: number;
  /** JSON, unless `media` is given. */
  body?: unknown;
  media?: { contentType: string; bytes: Buffer };
  /** Where a redirection leads. */
  location?: string;
}

/** An answer in Twilio's error format. */
export class RestError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
  }

  get reply(): Reply {
    return {
      status: this.status,
      body: {
        code: this.code,
        message: this.message,
        more_info: `https://www.twilio.com/docs/errors/${this.code}`,
        status: this.status,
      },
    };
  }
}

export function notFound(path: string): RestError {
  return new RestError(404, 20404, `The requested resource ${path} was not found`);
}
