// Everybody's day and what a ticket more would mean, as the stand-in says it: plausible, not the engine's answer.
const MINUTE = 60_000;
const STATES = { on_site: 'present', working: 'present', assigned: 'ahead', accepted: 'ahead', travelling: 'ahead', completed: 'done' };

export function makeDays({ db, now, cursor, recommend }) {
  function day(engineer) {
    const mine = db.tickets.filter((one) => one.engineer_id === engineer.id && STATES[one.status]).sort((a, b) => a.number - b.number);
    const stops = [];
    let at = now();
    for (const one of mine.filter((ticket) => STATES[ticket.status] === 'done')) {
      const ends_at = one.completed_at;
      stops.push({ ticket_id: one.id, number: one.number, phase: 'done', leaves_at: ends_at - 60 * MINUTE, arrives_at: ends_at - 45 * MINUTE, starts_at: ends_at - 45 * MINUTE, ends_at, late_minutes: 0, late_percent: 0 });
    }
    for (const one of mine.filter((ticket) => STATES[ticket.status] === 'present')) {
      stops.push({ ticket_id: one.id, number: one.number, phase: 'present', starts_at: at - 20 * MINUTE, ends_at: at + 25 * MINUTE, late_minutes: 0, late_percent: 0 });
      at += 25 * MINUTE;
    }
    for (const one of mine.filter((ticket) => STATES[ticket.status] === 'ahead')) {
      const starts_at = at + (8 + (one.number % 4) * 7) * MINUTE;
      const late = Math.max(0, Math.ceil((starts_at - one.due_at) / MINUTE));
      stops.push({ ticket_id: one.id, number: one.number, phase: 'ahead', leaves_at: at, arrives_at: starts_at, starts_at, ends_at: starts_at + one.expected_minutes * MINUTE, late_minutes: late, late_percent: late > 0 ? 97 : (one.number * 13) % 60 });
      at = starts_at + one.expected_minutes * MINUTE;
    }
    const busy = stops.some((stop) => stop.phase !== 'done');
    return { engineer_id: engineer.id, shifts: engineer.shift ? [engineer.shift] : [], absences: [], home_at: busy ? at + 15 * MINUTE : null, stops };
  }
  const timelines = () => ({ cursor: cursor(), whole: true, now_at: now(), items: db.engineers.filter((one) => one.active).map(day) });

  function verdicts(ticket) {
    const { ranked, excluded } = recommend(ticket);
    const able = ranked.map((one, i) => ({
      engineer_id: one.engineer_id, grade: i % 3 === 1 ? 'costs' : 'fits',
      price: { starts_at: one.starts_at, travel_minutes: one.terms[0].minutes, late_minutes: 0, slips: i % 3 === 1 ? [{ ticket_id: ticket.id, starts_at: now() + 90 * MINUTE, later_minutes: 30, late_minutes: 12 }] : [], overtime_minutes: 0, missing_parts: 0, score_minutes: one.score_minutes },
    }));
    const red = excluded.map(({ engineer_id, rule, fact }) => ({ engineer_id, grade: 'forbidden', rule, fact }));
    const items = [...able, ...red].filter((one) => one.engineer_id !== ticket.engineer_id);
    return { ticket_id: ticket.id, engineer_id: ticket.engineer_id, cursor: cursor(), asked_at: now(), travel: { times: 'straight_line', why: 'no_engine', calibrated: true, asked: items.length, by_road: 0 }, items };
  }
  return { timelines, verdicts };
}
