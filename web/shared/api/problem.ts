/**
 * RFC 9457 problems as an exception. `at(field)` gives the fault to show under a form field, `unshown` what belongs to
 * no field of the form; `i18n/problems.ts` has the words. A request that never reached the server is a problem too, with status 0.
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
  number?: string;
  facts?: Record<string, unknown>;
}

const concerns = (fault: FieldFault, field: string): boolean =>
  fault.field === field || fault.field.startsWith(`${field}.`) || fault.field.startsWith(`${field}[`);

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: FieldFault[];
  readonly requestId: string | undefined;
  /** The serial number that it is about. */
  readonly number: string | undefined;
  /** What it is about, where that can be said in figures and names. */
  readonly facts: Record<string, unknown>;

  constructor(status: number, body: Body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'unreachable' : `http_${status}`);
    this.requestId = body.request_id;
    this.number = typeof body.number === 'string' ? body.number : undefined;
    this.facts = body.facts ?? {};
    this.faults = body.errors?.length
      ? body.errors
      : body.field
        ? [{ field: body.field, code: this.code, message: this.message }]
        : [];
  }

  /** The fault of one field; `skills.0.level` is also found under `skills`. */
  at(field: string): FieldFault | undefined {
    return this.faults.find((fault) => concerns(fault, field));
  }

  /** The faults that none of these fields can show. */
  unshown(fields: readonly string[]): FieldFault[] {
    return this.faults.filter((fault) => !fields.some((field) => concerns(fault, field)));
  }
}

/** Any body, of any content type, as a Problem: a proxy's HTML error page must not become a second error. */
export function toProblem(status: number, body: unknown): Problem {
  if (body && typeof body === 'object' && !Array.isArray(body)) return new Problem(status, body as Body);
  return new Problem(status, {});
}
