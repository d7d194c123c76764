/** The API's shapes under the names that screens use; the one place that knows how the schema is generated. */
import type { components } from './schema';

type Schemas = components['schemas'];
export type Absence = Schemas['Absence'];
export type Asset = Schemas['Asset'];
export type Assignment = Schemas['Assignment'];
export type Candidate = Schemas['Candidate'];
export type Certificate = Schemas['Certificate'];
export type Customer = Schemas['Customer'];
export type Dossier = Schemas['Dossier'];
export type Engineer = Schemas['EngineerView'];
export type EventKind = Schemas['EventKind'];
export type Excluded = Schemas['Excluded'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type ImportReport = Schemas['Report'];
export type Meta = Schemas['Meta'];
export type IssuedToken = Schemas['IssuedToken'];
export type NewMovement = Schemas['NewMovement'];
export type NewTicket = Schemas['NewTicket'];
export type Note = Schemas['Note'];
export type Part = Schemas['Part'];
export type PartUsage = Schemas['PartUsage'];
export type Recommendation = Schemas['Recommendation'];
export type Reservation = Schemas['ReservationView'];
export type Role = Schemas['Role'];
export type SessionUser = Schemas['User'];
export type Shift = Schemas['Shift'];
export type Site = Schemas['Site'];
export type Skill = Schemas['Skill'];
export type StockBalance = Schemas['StockBalance'];
export type StockLocation = Schemas['StockLocation'];
export type StockMovement = Schemas['StockMovement'];
export type Strategy = Schemas['Strategy'];
export type Term = Schemas['Term'];
export type Ticket = Schemas['Ticket'];
export type TicketStatus = Schemas['TicketStatus'];
export type Token = Schemas['Token'];
export type TravelBasis = Schemas['TravelBasis'];
export type User = Schemas['User'];
export type WhatIf = Schemas['WhatIf'];

/* Written by hand: the description of the API gives the names `Policy` and `Outcome` to two shapes each, those of
   dispatch and those of the phones, and keeps the phones'. A test compares the policy with the defaults that it names. */

/** Limits and weights of dispatch for a kind of ticket. */
export interface DispatchPolicy {
  version: number;
  strategy: Strategy;
  shortlist_size: number;
  max_distance_m: number;
  max_wait_minutes: number;
  position_limit_minutes: number;
  straight_line: { road_factor: number; speed_kmh: number };
  travel_weight: number;
  wait_weights: number[];
  lateness_weights: number[];
  overtime_weight: number;
  load_weight: number;
  speed_weight: number;
  speed_prior: number;
  known_customer_minutes: number;
  known_asset_minutes: number;
  margin_minutes: number;
  pickup_minutes: number;
  missing_part_minutes: number;
}
export interface DispatchPolicies {
  general: DispatchPolicy;
  by_kind: Record<string, DispatchPolicy>;
}
export type PolicySet = Omit<Schemas['PolicySet'], 'body'> & { body: DispatchPolicies };
export type RoundOutcome = 'nothing_to_do' | 'kept' | 'published' | 'refused' | 'faulty' | 'failed' | 'elsewhere';
export type Round = Omit<Schemas['Round'], 'outcome'> & { outcome: RoundOutcome };
