/** What the stand-in refuses, as an RFC 9457 problem. */
export class Refusal extends Error {
  constructor(status, code, detail, extra = {}) {
    super(detail);
    this.body = { type: `/problems/${code}`, title: code, status, code, detail, request_id: 'mock', ...extra };
  }
}

/** Faults at fields: `[field, code, message]` each. */
export const invalid = (...faults) => new Refusal(422, 'invalid', 'Some fields are wrong.', { errors: faults.map(([field, code, message]) => ({ field, code, message })) });
/** As the server says that something has to be unique: a conflict, at its field. */
export const duplicate = (field) => new Refusal(409, 'duplicate', `${field} is taken already`, { field, errors: [{ field, code: 'duplicate', message: 'is taken already' }] });

export const find = (list, id) => list.find((row) => row.id === id) ?? (() => { throw new Refusal(404, 'not_found', 'No such row.'); })();

export function need(body, ...keys) {
  const faults = keys.filter((key) => body[key] === undefined || body[key] === null || body[key] === '').map((field) => [field, 'required', `${field} is required`]);
  if (faults.length > 0) throw invalid(...faults);
}

/** A page of a list: the cursor is how many rows come before. */
export function page(items, query) {
  const limit = Number(query.get('limit') ?? 50);
  const from = Number(query.get('after') ?? 0);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
}
