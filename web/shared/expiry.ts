/** The last day on which a lot may be used, in UTC, as the server counts it. */
const DAY_MS = 86_400_000;

/** Whether a day, `YYYY-MM-DD`, is over at a time in milliseconds; false for what is no day. */
export const isExpired = (day: string, now: number): boolean => Date.parse(`${day}T00:00:00Z`) + DAY_MS <= now;
