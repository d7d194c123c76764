/** Skills and parts change seldom: read once when a screen first needs them. */
import { api, all } from '$shared/api/client';
import type { Part, Skill } from '$shared/api/types';
import { named } from '$shared/i18n/labels';

let skills = $state.raw<Skill[]>([]);
let parts = $state.raw<Map<string, Part>>(new Map());
let asked = false;

export const catalogue = {
  get skills(): Skill[] {
    return skills;
  },
  part: (id: string): Part | undefined => parts.get(id),
  skillName: (code: string): string => {
    const skill = skills.find((one) => one.code === code);
    return skill ? named(skill) : code;
  },
  need(): void {
    if (asked) return;
    asked = true;
    const again = () => (asked = false);
    void all<Skill>((after) => api.GET('/api/v1/skills', { params: { query: { limit: 200, ...(after ? { after } : {}) } } })).then((rows) => (skills = rows), again);
    void all<Part>((after) => api.GET('/api/v1/parts', { params: { query: { limit: 200, ...(after ? { after } : {}) } } })).then((rows) => (parts = new Map(rows.map((row) => [row.id, row]))), again);
  },
};
