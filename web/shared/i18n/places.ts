/**
 * What a place is called. The places that every organisation has come with an English name; who reads Chinese sees the
 * Chinese one, unless somebody has given the place a name of the organisation's own.
 */
import * as m from './generated/messages.js';

/** By code: the name that the place comes with, and the words for it. */
const BUILT_IN: Record<string, [name: string, words: () => string]> = {
  SUPPLIER: ['Suppliers', m.place_name_supplier], INSTALLED: ['Installed at customers', m.place_name_installed], ADJUSTMENT: ['Count differences', m.place_name_adjustment],
  SCRAP: ['Scrap', m.place_name_scrap], QUARANTINE: ['Quarantine', m.place_name_quarantine], REPAIR: ['Away for repair', m.place_name_repair], UNPLACED: ['Not placed yet', m.place_name_unplaced],
};

export function placeName(place: { code: string; name: string } | null | undefined): string {
  if (!place) return '';
  const known = BUILT_IN[place.code];
  return known?.[0] === place.name ? known[1]() : place.name;
}
