/** What the map draws, as GeoJSON made from the console's own rows; pure. */
import type { Engineer, Ticket } from '$shared/api/types';
import { dueOf, type DueStep } from '$shared/due';
import type { FeatureCollection, Point } from 'geojson';
import type { Bounds } from './style';
import { laneOf } from '../queue/queue';

export interface TicketDot {
  id: string;
  icon: string;
  step: DueStep;
  pressing: 0 | 1;
  selected: 0 | 1;
  number: string;
  rank: number;
}

export interface EngineerDot {
  id: string;
  initials: string;
  age: string;
  busy: 0 | 1;
  off: 0 | 1;
  selected: 0 | 1;
}

type Points<P> = FeatureCollection<Point, P>;

export const iconName = (priority: number, step: DueStep, decided: boolean) => `t-${priority}-${step}-${decided ? 'in' : 'out'}`;

export function ticketPoints(tickets: Iterable<Ticket>, now: number, selected: string | null): Points<TicketDot> {
  const features: Points<TicketDot>['features'] = [];
  for (const ticket of tickets) {
    const lane = laneOf(ticket);
    if (!lane || ticket.latitude == null || ticket.longitude == null) continue;
    const { step } = dueOf(ticket, now);
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [ticket.longitude, ticket.latitude] },
      properties: {
        id: ticket.id, icon: iconName(ticket.priority, step, lane !== 'decide'), step, pressing: step === 'late' || step === 'risk' ? 1 : 0,
        selected: ticket.id === selected ? 1 : 0, number: String(ticket.number), rank: ticket.priority,
      },
    });
  }
  return { type: 'FeatureCollection', features };
}

/** Whether two drawings of the tickets are one to the eye: most changes of a ticket do not show on the map. */
export const samePoints = (a: Points<TicketDot>, b: Points<TicketDot>): boolean =>
  a.features.length === b.features.length &&
  a.features.every(({ geometry, properties }, i) => {
    const other = b.features[i];
    return properties.id === other?.properties.id && properties.icon === other.properties.icon && geometry.coordinates[0] === other.geometry.coordinates[0] && geometry.coordinates[1] === other.geometry.coordinates[1];
  });

/** "Maria Lopez" is ML; a Chinese name is its last two characters, as colleagues would call him. */
export function initials(name: string): string {
  const text = name.trim();
  if (/\p{Script=Han}/u.test(text)) return [...text.replace(/\s+/g, '')].slice(-2).join('');
  const words = text.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

export function engineerPoints(
  engineers: Iterable<Engineer>, place: (engineer: Engineer) => [number, number] | null, age: (at: number) => string, selected: string | null,
): Points<EngineerDot> {
  const features: Points<EngineerDot>['features'] = [];
  for (const engineer of engineers) {
    const at = engineer.active ? place(engineer) : null;
    if (!at || !engineer.position) continue;
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: at },
      properties: {
        id: engineer.id, initials: initials(engineer.name), age: engineer.on_shift ? age(engineer.position.at) : '',
        busy: (engineer.in_hand?.tickets ?? 0) > 0 ? 1 : 0, off: engineer.on_shift ? 0 : 1, selected: engineer.id === selected ? 1 : 0,
      },
    });
  }
  return { type: 'FeatureCollection', features };
}

/** Engineers on shift whom the map, which ends with its tiles, cannot show. */
export function countOutside(engineers: Iterable<Engineer>, [west, south, east, north]: Bounds): number {
  let count = 0;
  for (const { active, on_shift, position } of engineers) {
    if (!active || !on_shift || !position) continue;
    if (position.longitude < west || position.longitude > east || position.latitude < south || position.latitude > north) count += 1;
  }
  return count;
}
