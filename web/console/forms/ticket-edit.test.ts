import { describe, expect, it } from 'vitest';
import { ticket } from '../../test/samples';
import { rebase } from '$shared/ui/edit.svelte';
import { editable } from '../drawer/legal';
import { ticketPatch, ticketValues } from './ticket-edit';

const at = (text: string) => new Date(text).getTime();

describe('the edit of a ticket', () => {
  it('shows times as an input has them and sends them as instants', () => {
    const values = ticketValues(ticket({ earliest_at: at('2026-11-22T14:05'), latest_at: at('2026-11-22T16:00') }));
    expect([values.earliest, values.latest]).toEqual(['2026-11-22T14:05', '2026-11-22T16:00']);
    expect(ticketPatch({ earliest: values.earliest, latest: values.latest })).toEqual({ earliest_at: at('2026-11-22T14:05'), latest_at: at('2026-11-22T16:00') });
  });

  it('sends what was changed and nothing else', () => {
    expect(ticketPatch({ priority: 1 })).toEqual({ priority: 1 });
    expect(ticketPatch({ title: ' Car stuck at 14 ', access_note: '' })).toEqual({ title: 'Car stuck at 14', access_note: '' });
    expect(ticketPatch({})).toEqual({});
  });

  it('takes the latest time away when it is emptied, and leaves alone what a ticket must have', () => {
    expect(ticketPatch({ latest: '', earliest: '', expected_minutes: null })).toEqual({ latest_at: null });
  });

  it('does not touch the seconds of a time that was not typed over', () => {
    const row = ticket({ earliest_at: at('2026-11-22T14:05:37') });
    const values = ticketValues(row);
    expect(rebase(values, values, ticketValues(row)).clashes).toEqual([]);
    expect(ticketValues(row).earliest).toBe('2026-11-22T14:05');
  });

  it('is for tickets that have not ended', () => {
    const states = ['new', 'assigned', 'accepted', 'travelling', 'on_site', 'working', 'waiting', 'completed', 'closed', 'cancelled'] as const;
    expect(states.filter((status) => !editable(status))).toEqual(['closed', 'cancelled']);
  });
});
