/** The phone's side of Fettle's sync protocol; README.md is the way in. Adapters: `rxdb.ts`, `watermelondb.ts`. */
export { systemClock, type Clock } from './clock';
export { StorageFull, type Enrolled, type OutboxEntry, type OutboxState, type Row } from './database';
export { Device, NotPossible, type AppInfo, type DeviceOptions, type PartUse, type Trouble } from './device';
export { SyncEngine, type EngineOptions, type Outcome } from './engine';
export { uuidv7 } from './ids';
export { overlaid, unshown } from './overlay';
export { takesEdits, takesInserts } from './policy';
export { sealOutbox, type Rescued } from './rescue';
export { listen, type StreamOptions } from './stream';
export { step, type EventKind, type Step, type TicketStatus } from './steps';
export { MutationTooLarge, PhoneStore } from './store';
export { httpTransport, type HttpOptions, type Transport } from './transport';
export * from './wire';
