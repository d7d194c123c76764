/** What is to be said of a phone: whether it is quiet, behind, revoked, and what is still on it. */
import type { Device } from '$shared/api/types';

const QUIET_MS = 24 * 3_600_000;

export type DeviceState = 'revoked' | 'quiet' | 'fine';

export const stateOf = (device: Device, now: number): DeviceState => (device.revoked_at != null ? 'revoked' : now - device.last_seen_at > QUIET_MS ? 'quiet' : 'fine');
/** An app that was built for older documents than another one here. */
export const isBehind = (device: Device, all: readonly Device[]): boolean => all.some((one) => one.schema > device.schema);
/** Those in use before those that were revoked; within both, who was seen last first. */
export const ordered = (devices: readonly Device[]): Device[] =>
  [...devices].sort((a, b) => Number(a.revoked_at != null) - Number(b.revoked_at != null) || b.last_seen_at - a.last_seen_at);
export const matching = (devices: readonly Device[], words: string): Device[] =>
  devices.filter((one) => `${one.engineer_name} ${one.platform}`.toLowerCase().includes(words.trim().toLowerCase()));
