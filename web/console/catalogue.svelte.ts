/** Skills, parts and places change seldom: read once when a screen first needs them, and again after they were edited here. */
import { api, all } from '$shared/api/client';
import type { Part, Skill, StockLocation } from '$shared/api/types';
import { named } from '$shared/i18n/labels';
import { session } from '$shared/session.svelte';

const LIMIT = 200;
const LABELLED = ['depot', 'bin', 'van', 'quarantine', 'repair'];

let skills = $state.raw<Skill[]>([]);
let parts = $state.raw<Map<string, Part>>(new Map());
let places = $state.raw<Map<string, StockLocation>>(new Map());
let asked = false;

const page = (after: string | undefined) => ({ params: { query: { limit: LIMIT, ...(after ? { after } : {}) } } });
const byId = <T extends { id: string }>(rows: T[]): Map<string, T> => new Map(rows.map((row) => [row.id, row]));

export const catalogue = {
  get skills(): Skill[] {
    return skills;
  },
  /** Depots and vans, without the outside places that only movements name. */
  get places(): StockLocation[] {
    return [...places.values()].filter((place) => place.kind === 'depot' || place.kind === 'van');
  },
  /** Where goods lie and labels are: bins and quarantine too. */
  get labelled(): StockLocation[] {
    return [...places.values()].filter((place) => LABELLED.includes(place.kind) && place.active);
  },
  part: (id: string): Part | undefined => parts.get(id),
  place: (id: string): StockLocation | undefined => places.get(id),
  skillName: (code: string): string => {
    const skill = skills.find((one) => one.code === code);
    return skill ? named(skill) : code;
  },
  need(): void {
    if (!asked) catalogue.reload();
  },
  reload(): void {
    asked = true;
    // What could not be read is asked for again by the next screen that needs it.
    const again = () => (asked = false);
    // Skills are the office's; the warehouse would only be refused.
    if (session.user?.role !== 'warehouse') void all<Skill>((after) => api.GET('/api/v1/skills', page(after))).then((rows) => (skills = rows), again);
    void all<Part>((after) => api.GET('/api/v1/parts', page(after))).then((rows) => (parts = byId(rows)), again);
    void all<StockLocation>((after) => api.GET('/api/v1/stock-locations', page(after))).then((rows) => (places = byId(rows)), again);
  },
};
