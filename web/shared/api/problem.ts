/**
 * RFC 9457 problems as an exception. `at(field)` gives the words to show under a form field; what belongs to no
 * field of the form is `rest`. A request that never reached the server is a problem too, with status 0.
 */
export interface FieldFault {
  field: string;
  code: string;
  message: string;
}

interface Body {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  field?: string;
  errors?: FieldFault[];
  request_id?: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: FieldFault[];
  readonly requestId: string | undefined;

  constructor(status: number, body: Body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'unreachable' : `http_${status}`);
    this.requestId = body.request_id;
    this.faults = body.errors?.length
      ? body.errors
      : body.field
        ? [{ field: body.field, code: this.code, message: this.message }]
        : [];
  }

  /** The fault of one field; `skills.0.level` is also found under `skills`. */
  at(field: string): string | undefined {
    return this.faults.find((fault) => fault.field === field || fault.field.startsWith(`${field}.`) || fault.field.startsWith(`${field}[`))?.message;
  }

  /** What none of the form's fields can show; never lost, even if the form is older than the server. */
  rest(shown: readonly string[]): string[] {
    if (this.faults.length === 0) return [this.message];
    return this.faults
      .filter((fault) => !shown.some((field) => fault.field === field || fault.field.startsWith(`${field}.`) || fault.field.startsWith(`${field}[`)))
      .map((fault) => `${fault.field}: ${fault.message}`);
  }
}

/** Any body, of any content type, as a Problem: a proxy's HTML error page must not become a second error. */
export function toProblem(status: number, body: unknown): Problem {
  if (body && typeof body === 'object' && !Array.isArray(body)) return new Problem(status, body as Body);
  return new Problem(status, {});
}
