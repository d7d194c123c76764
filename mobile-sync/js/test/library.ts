/** A phone with the library itself. */
import { expect } from 'vitest';
import { Device, httpTransport, type Doc, type Mutation } from '../src/index';
import { withCookie, type Handset, type Opened } from './day';

const ROUNDS = 3;

class Phone implements Handset {
  constructor(private device: Device, private readonly reopen: () => Promise<Device>) {}

  async insert(c: string, set: Doc): Promise<string> {
    const ticket = String(set['ticket_id']);
    const { kind, part_id, quantity, text, minutes } = set;
    const did: Promise<Mutation> =
      c === 'ticket_events' ? this.device.act(ticket, kind as 'accept')
      : c === 'part_usage' ? this.device.usePart(ticket, { part_id: String(part_id), quantity: Number(quantity) })
      : c === 'notes' ? this.device.addNote(ticket, String(text))
      : this.device.addLabour(ticket, Number(minutes));
    return (await did).id;
  }
  patch = async (c: string, id: string, set: Doc) => void (await this.device.patch(c, id, set));
  rows = (c: string) => this.device.rows(c);
  async tryToSync(): Promise<void> {
    for (let i = 0; i < ROUNDS; i += 1) await this.device.sync();
  }
  async sync(): Promise<void> {
    expect(await this.device.sync()).toEqual({ kind: 'synced' });
  }
  async reload(): Promise<void> {
    this.device.close();
    this.device = await this.reopen();
  }
  troubles = async () => (await this.device.troubles()).map((one) => one.mutation.id);
  close = async () => this.device.close();
}

export async function openLibrary({ world, weather, session }: Opened, name: string): Promise<Phone> {
  const transport = httpTransport({ url: world.url, fetch: withCookie(weather, session) });
  const reopen = () => Device.open({ name, transport });
  const device = await reopen();
  await device.enrol({ platform: 'web', app_version: 'test' });
  return new Phone(device, reopen);
}
