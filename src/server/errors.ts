/** A refusal: the HTTP status, a code for programs, and words for a person. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further fields of the JSON answer. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

/** A field that is wrong, by name. */
export function badField(field: string, why: string): ApiError {
  return new ApiError(400, 'bad_field', `The field ${field} ${why}.`, { field });
}

/** What is not there, or not the caller's: the two must look alike. */
export function notFound(code = 'session_not_found', message = 'There is no such upload.'): ApiError {
  return new ApiError(404, code, message);
}

/** What the file system or the framework threw, as a refusal where it is one. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const facts = error as { code?: string; statusCode?: number; message?: string };
  if (facts.code === 'ENOSPC' || facts.code === 'EDQUOT') {
    return new ApiError(507, 'disk_full', 'The server has no room left. Your file stays queued; try again later.');
  }
  if (facts.statusCode === 429) return new ApiError(429, 'too_many_requests', 'Too many requests; try again later.');
  if (facts.statusCode === 413) return new ApiError(413, 'too_large', 'The body of this request is too large.');
  if (facts.statusCode && facts.statusCode < 500) {
    return new ApiError(facts.statusCode, 'bad_request', facts.message ?? 'The request is not understood.');
  }
  return new ApiError(500, 'internal', 'The server failed. Try again later.');
}

/** What was wrong with a connection that made no request, by Node's code for it. */
export function asSocketError(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError(408, 'request_timeout', 'The request took too long to arrive. Send it again.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(431, 'headers_too_large', 'The head of the request is too large.');
    default:
      return new ApiError(400, 'bad_request', 'This is no request of HTTP/1.1.');
  }
}
