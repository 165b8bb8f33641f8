/** An error response: the HTTP status, a code for programs and a message for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further fields of the JSON response. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** The value of `Retry-After`. */
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: Readonly<Record<string, unknown>> = {},
    { retryAfterSeconds = null }: { readonly retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** An error response that does not wait for the rest of the request body. */
export class EarlyRefusal extends ApiError {
  constructor({ status, code, message, extra, retryAfterSeconds }: ApiError) {
    super(status, code, message, extra, { retryAfterSeconds });
  }
}

/** A form field is wrong. */
export function badField(field: string, problem: string): ApiError {
  return new ApiError(400, 'bad_field', `The field ${field} ${problem}. Correct it and send again.`, { field });
}

/** A bundle as a whole cannot be read. */
export function badBundle(problem: string): ApiError {
  return new ApiError(400, 'bad_bundle', `The bundle cannot be read: ${problem}. Correct it and send again.`);
}

/** Something does not exist or belongs to another user: the responses must be the same. */
export function notFound(code = 'session_not_found', message = 'There is no such upload. Start it again.'): ApiError {
  return new ApiError(404, code, message);
}

/** Converts errors of the file system and of Fastify. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = 'The server has no space left. Your file stays queued; try again later.';
    return new ApiError(507, 'disk_full', message, {}, { retryAfterSeconds: 300 });
  }
  if (statusCode === 429) return new ApiError(429, 'too_many_requests', 'Too many requests. Try again later.');
  if (statusCode === 413) return new ApiError(413, 'too_large', 'The request body is too large. Send less at once.');
  if (statusCode && statusCode < 500) {
    return new ApiError(statusCode, 'bad_request', message ?? 'The request is not valid. Correct it and send again.');
  }
  return new ApiError(500, 'internal', 'The server failed. Try again later.');
}

/** Converts Node's error code of a connection that carried no valid request. */
export function toConnectionError(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError(408, 'request_timeout', 'The request took too long to arrive. Send it again.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(431, 'headers_too_large', 'The request headers are too large. Send fewer or shorter ones.');
    default:
      return new ApiError(400, 'bad_request', 'This is not a valid HTTP/1.1 request.');
  }
}
