/** An engineer as his form has him, and what is sent of it. */
import type { Engineer } from '$shared/api/types';

export type EngineerValues = {
  code: string;
  name: string;
  phone: string;
  home_latitude: number | null;
  home_longitude: number | null;
  max_load_minutes: number | null;
};

export const engineerValues = (engineer: Engineer | null): EngineerValues => ({
  code: engineer?.code ?? '', name: engineer?.name ?? '', phone: engineer?.phone ?? '',
  home_latitude: engineer?.home_latitude ?? null, home_longitude: engineer?.home_longitude ?? null, max_load_minutes: engineer?.max_load_minutes ?? null,
});

/** Texts without the blanks around them; a number that is not given is left to the server. */
export function engineerBody(values: Partial<EngineerValues>): Record<string, string | number> {
  const body: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'string') body[key] = value.trim();
    else if (value != null) body[key] = value;
  }
  return body;
}
