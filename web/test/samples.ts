/** Rows for unit tests; each test names only what it is about. */
import type { Engineer, Ticket } from '$shared/api/types';

export const ticket = (over: Partial<Ticket> = {}): Ticket => ({
  id: 't1', number: 1042, kind: 'repair', priority: 2, title: '1P100: Car stuck', description: '', symptom: 'Car stuck', status: 'new', customer_id: 'c', site_id: 's', asset_id: 'a', visit_id: 'v',
  engineer_id: null, required_skills: [], needed_parts: [], expected_minutes: 45, earliest_at: 0, latest_at: null, due_at: 100, planned_at: null, access_note: '', site_contact: '', latitude: 40.75, longitude: -73.98,
  address: '1 Main St', queue_reasons: [], auto_dispatch: true, created_at: 0, completed_at: null, closed_at: null, form: null, ...over,
});

export const engineer = (over: Partial<Engineer> = {}): Engineer => ({
  id: 'e1', code: 'E-01', name: 'Maria Lopez', phone: '', home_latitude: 40.75, home_longitude: -73.98, max_load_minutes: 480, active: true, created_at: 0, certificates: [],
  position: { latitude: 40.75, longitude: -73.98, at: 0 }, in_hand: { tickets: 0, minutes: 0 }, on_shift: true, shift: null, van_id: null, ...over,
});
