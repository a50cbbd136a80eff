import type { ErrorObject } from 'ajv';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors.ts';
import { describeIssues, type FieldIssue } from './validation-issues.ts';

/** The statuses of a service's own error codes. */
export type Statuses = Readonly<Record<string, number>>;

/** An error as it is answered (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  requestId: string;
  errors?: FieldIssue[];
}

/** The media type of a problem document. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Unprocessable content',
  429: 'Too many requests',
  431: 'Request header fields too large',
  500: 'Internal server error',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

/** What every service answers for the errors of the libraries that all of them have. */
const libraryStatuses: Statuses = {
  'job-not-found': 404,
  'job-ended': 409,
  'job-input-invalid': 400,
  'disk-full': 503,
  'database-unreachable': 503,
  'database-read-only': 503,
  'database-busy': 503,
  'database-closed': 503,
  'statement-timeout': 503,
};

const frameworkCodes: Readonly<Record<string, string>> = {
  FST_ERR_VALIDATION: 'request-invalid',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body-not-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body-empty',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type-unsupported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content-length-wrong',
  FST_ERR_BAD_URL: 'url-invalid',
  FST_ERR_ASYNC_CONSTRAINT: 'request-invalid',
};

const parts: Readonly<Record<string, string>> = {
  body: 'in the body',
  querystring: 'in the query',
  params: 'in the path',
  headers: 'in the headers',
};

/** An issue as a sentence: the field, where it is, and what is wrong with it. */
function sentenceOf({ field, message }: FieldIssue): string {
  const [context = '', ...names] = field.split('.');
  const place = parts[context] ?? context;
  const subject = names.length === 0 ? `what is ${place}` : `${names.join('.')} ${place}`;
  return message.startsWith('is ') ? `${subject} ${message}` : `${subject}: ${message}`;
}

function issuesOf({ validation, validationContext }: FastifyError): FieldIssue[] {
  return validation ? describeIssues(validation as unknown as ErrorObject[], validationContext ?? 'request') : [];
}

/** The document of an error with a stable code and a sentence to act on. */
export function describeProblem(
  requestId: string,
  { status, code, detail }: Pick<ProblemDocument, 'status' | 'code' | 'detail'>,
): ProblemDocument {
  return {
    type: `urn:weave-nn:problem:${code}`,
    title: titles[status] ?? 'The request failed',
    status,
    code,
    detail,
    requestId,
  };
}

function write(reply: FastifyReply, requestId: string, status: number, code: string, detail: string) {
  const document = describeProblem(requestId, { status, code, detail });
  return { document, send: () => send(reply, document) };
}

function send(reply: FastifyReply, document: ProblemDocument) {
  return reply.code(document.status).header('content-type', PROBLEM_TYPE).serializer(JSON.stringify).send(document);
}

/** Answers errors as problem documents (RFC 9457). What nobody foresaw is logged and answered without its words. */
export function createErrorHandler(statuses: Statuses) {
  return (error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ProblemError) {
      return write(reply.headers(error.headers), request.id, error.status, error.code, error.message).send();
    }
    const own = statuses[error.code] ?? libraryStatuses[error.code];
    if (own !== undefined) {
      if (own >= 500) request.log.error({ err: error }, 'the request could not be served');
      return write(reply, request.id, own, error.code, error.message).send();
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      request.log.error({ err: error }, 'unexpected error');
      const detail = 'The request failed for a reason that is in the log, under this request id.';
      return write(reply, request.id, 500, 'internal-error', detail).send();
    }
    const code = frameworkCodes[error.code] ?? 'request-invalid';
    const errors = issuesOf(error);
    if (errors.length === 0) return write(reply, request.id, status, code, error.message).send();
    const { document } = write(reply, request.id, status, code, `${errors.map(sentenceOf).join('; ')}.`);
    return send(reply, { ...document, errors });
  };
}

/** Answers what no route is there for. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply) {
  const path = request.url.split('?')[0];
  return write(reply, request.id, 404, 'route-not-found', `There is no ${request.method} ${path}.`).send();
}
