/** The API's shapes under the names that screens use; the one place that knows how the schema is generated. */
import type { components } from './schema';

type Schemas = components['schemas'];
export type Absence = Schemas['Absence'];
export type Asset = Schemas['Asset'];
export type Assignment = Schemas['Assignment'];
export type Candidate = Schemas['Candidate'];
export type Certificate = Schemas['Certificate'];
export type ConflictCard = Schemas['CardView'];
export type CountLine = Schemas['CountLineView'];
export type CountStatus = Schemas['CountStatus'];
export type CountView = Schemas['CountView'];
export type Customer = Schemas['Customer'];
export type Dossier = Schemas['Dossier'];
export type Engineer = Schemas['EngineerView'];
export type EventKind = Schemas['EventKind'];
export type Excluded = Schemas['Excluded'];
export type Grade = Schemas['Grade'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type ImportReport = Schemas['Report'];
export type Meta = Schemas['Meta'];
export type IssuedToken = Schemas['IssuedToken'];
export type NewMovement = Schemas['NewMovement'];
export type NewReturn = Schemas['NewReturn'];
export type NewTicket = Schemas['NewTicket'];
export type Note = Schemas['Note'];
export type Part = Schemas['Part'];
export type PartUsage = Schemas['PartUsage'];
export type Proposal = Schemas['Proposal'];
export type PurchaseLine = Schemas['PurchaseLine'];
export type Recommendation = Schemas['Recommendation'];
export type Replenishment = Schemas['Replenishment'];
export type Reservation = Schemas['ReservationView'];
export type Role = Schemas['Role'];
export type Round = Schemas['Round'];
export type RoundOutcome = Schemas['RoundOutcome'];
export type Scanned = Schemas['Scanned'];
export type SessionUser = Schemas['User'];
export type Shift = Schemas['Shift'];
export type Site = Schemas['Site'];
export type Skill = Schemas['Skill'];
export type StockBalance = Schemas['StockBalance'];
export type StockCount = Schemas['StockCount'];
export type StockLevel = Schemas['StockLevel'];
export type StockLocation = Schemas['StockLocation'];
export type StockMovement = Schemas['StockMovement'];
export type Strategy = Schemas['Strategy'];
export type Term = Schemas['Term'];
export type Ticket = Schemas['Ticket'];
export type ReservedParts = Schemas['ReservedParts'];
export type TicketParts = Schemas['TicketParts'];
export type TicketStatus = Schemas['TicketStatus'];
export type Token = Schemas['Token'];
export type TopUp = Schemas['TopUp'];
export type TravelBasis = Schemas['TravelBasis'];
export type UsedPart = Schemas['UsedPartReturnView'];
export type User = Schemas['User'];
export type WhatIf = Schemas['WhatIf'];

type Unlimited = 'max_detour_minutes' | 'meeting_minutes';
/** Limits and weights of dispatch for a kind of ticket. A limit that is not set is left out, in what the server answers too. */
export type DispatchPolicy = Omit<Schemas['DispatchPolicy'], Unlimited> & Partial<Pick<Schemas['DispatchPolicy'], Unlimited>>;
export interface DispatchPolicies {
  general: DispatchPolicy;
  by_kind: Record<string, DispatchPolicy>;
}
export type PolicySet = Omit<Schemas['PolicySet'], 'body'> & { body: DispatchPolicies };
