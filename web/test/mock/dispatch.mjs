// Who should take a ticket, as the stand-in says it: plausible, not the engine's answer.
import { Refusal } from './refusal.mjs';

const HOUR = 3_600_000;
const MINUTE = 60_000;

export function makeDispatch({ db, now, changed, cursor }) {
  const km = (engineer, ticket) => Math.hypot((engineer.position.latitude - ticket.latitude) * 111, (engineer.position.longitude - ticket.longitude) * 84);

  function judge(engineer, ticket) {
    const skill = ticket.required_skills[0];
    const own = engineer.certificates.find((one) => one.skill === skill?.skill);
    if (!engineer.active) return { rule: 'inactive', fact: { rule: 'inactive' } };
    if (!engineer.on_shift) return { rule: 'off_shift', fact: { rule: 'off_shift', next_shift_at: now() + 9 * HOUR, shift_ends_at: null, in_hand_minutes: 0 } };
    if (skill && !own) return { rule: 'skill_missing', fact: { rule: 'skill_missing', skills: [skill.skill] } };
    if (skill && own.level < skill.level) return { rule: 'certificate_level', fact: { rule: 'certificate_level', skill: skill.skill, required_level: skill.level, held_level: own.level } };
    return null;
  }
  /** He leaves at once; four of five journeys are a quarter longer or shorter at most. */
  function startOf(distance_m) {
    const travel = (distance_m / 180 + 3) * MINUTE;
    return { starts_at: Math.round(now() + travel), starts_from: Math.round(now() + 0.75 * travel), starts_until: Math.round(now() + 1.25 * travel) };
  }
  function termsOf(engineer, distance_m) {
    const digit = engineer.code.charCodeAt(3);
    return [
      { term: 'travel', minutes: Math.round(distance_m / 180 + 3) }, { term: 'load', minutes: engineer.in_hand.tickets * 4 },
      { term: 'parts', minutes: (digit % 3) * 6 }, { term: 'speed', minutes: (digit % 5) - 2.5 },
    ];
  }
  function recommend(ticket) {
    const ranked = [];
    const excluded = [];
    for (const engineer of db.engineers.filter((one) => one.position)) {
      const distance_m = Math.round(km(engineer, ticket) * 1000);
      const base = { engineer_id: engineer.id, code: engineer.code, name: engineer.name, distance_m };
      const out = judge(engineer, ticket);
      const terms = termsOf(engineer, distance_m);
      if (out) excluded.push({ ...base, ...out });
      else ranked.push({ ...base, ...startOf(distance_m), terms, score_minutes: terms.reduce((sum, term) => sum + term.minutes, 0) });
    }
    ranked.sort((a, b) => a.score_minutes - b.score_minutes);
    const counts = Object.entries(excluded.reduce((sum, one) => ({ ...sum, [one.rule]: (sum[one.rule] ?? 0) + 1 }), {}));
    return {
      ranked, excluded: excluded.sort((a, b) => a.distance_m - b.distance_m), excluded_counts: counts.map(([rule, count]) => ({ rule, count })),
      beyond_shortlist: 0, policy_version: 1, cursor: cursor(), asked_at: now(), travel: { times: 'straight_line', why: 'no_engine', calibrated: true, asked: ranked.length, by_road: 0 },
    };
  }

  /** One change for whoever a single rule keeps out; for a loser, less way or less work by what he lost. */
  function changesFor(who, best, ticket) {
    const skill = ticket.required_skills[0];
    const engineer = db.engineers.find((one) => one.id === who.engineer_id);
    const said = (goal, change) => ({ engineer_id: who.engineer_id, code: who.code, name: who.name, goal, change, score_minutes: best ?? 20, sentence: `${who.code}: ${change.change}` });
    if (who.rule === 'skill_missing') return [said('placeable', { change: 'certified', skill: skill.skill, level: skill.level })];
    if (who.rule === 'certificate_level') {
      const { number } = engineer.certificates.find((one) => one.skill === skill.skill);
      return [said('placeable', { change: 'certificate_level', skill: skill.skill, number, level: skill.level })];
    }
    // Who lacks the skill as well has several things in his way.
    if (who.rule === 'off_shift' && judge({ ...engineer, on_shift: true }, ticket)) return [];
    if (who.rule === 'off_shift') return [said('placeable', { change: 'window_until', latest_at: now() + 9 * HOUR, later_ms: 8 * HOUR })];
    if (who.rule || best === null || who.score_minutes <= best) return [];
    const lost = Math.ceil(who.score_minutes - best);
    return [said('first', { change: 'freed_earlier', minutes: lost }), said('first', { change: 'nearer', metres: lost * 180 })];
  }
  function counterfactuals(ticket, engineerId) {
    const { ranked, excluded } = recommend(ticket);
    const best = ranked[0]?.score_minutes ?? null;
    const about = engineerId ? [...ranked, ...excluded].filter((one) => one.engineer_id === engineerId) : ranked.length > 0 ? ranked.slice(1, 4) : excluded;
    const all = about.flatMap((who) => changesFor(who, best, ticket));
    if (engineerId || ranked.length > 0) return { items: all, next: null };
    return { items: [...new Map(all.map((one) => [one.change.change, one])).values()], next: null };
  }

  function assign(ticket, body) {
    if (body.instead_of && body.instead_of !== ticket.engineer_id) throw new Refusal(409, 'changed_meanwhile', 'Somebody else has it by now.');
    const best = recommend(ticket);
    const chosen = body.engineer_id ?? best.ranked[0]?.engineer_id;
    if (!chosen) throw new Refusal(409, 'nobody_fits', 'No engineer fits.');
    Object.assign(ticket, { engineer_id: chosen, status: 'assigned', queue_reasons: [], planned_at: now() + HOUR / 2 });
    changed('tickets', ticket);
    const score_minutes = best.ranked.find((one) => one.engineer_id === chosen)?.score_minutes ?? null;
    return { id: db.id(), ticket_id: ticket.id, visit_id: ticket.visit_id, engineer_id: chosen, assigned_at: now(), assigned_by: 'mock', reason: body.reason ?? '', score_minutes, dossier: best, shortages: [] };
  }
  return { recommend, counterfactuals, assign };
}
