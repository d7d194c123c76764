import { describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { rebase, RowEdit } from './edit.svelte';

type Row = { name: string; phone: string };
const stale = () => new Problem(412, { code: 'stale' });

/** A server with one row; `meanwhile` is what somebody else does to it. */
function server(row: Row) {
  let version = 1;
  const sent: [Partial<Row>, string][] = [];
  return {
    sent,
    meanwhile: (change: Partial<Row>) => ((row = { ...row, ...change }), (version += 1)),
    source: {
      read: async () => ({ row, tag: `"${version}"` }),
      values: (one: Row) => ({ ...one }),
      write: async (changed: Partial<Row>, tag: string) => {
        sent.push([changed, tag]);
        if (tag !== `"${version}"`) throw stale();
        row = { ...row, ...changed };
        version += 1;
        return row;
      },
    },
  };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('rebase', () => {
  const base = { a: 1, b: 'x', c: null as string | null };
  it.each([
    ['takes over what one did not touch', base, { ...base, b: 'y' }, { ...base, b: 'y' }, []],
    ['keeps what one typed', { ...base, a: 2 }, base, { ...base, a: 2 }, []],
    ['keeps what one typed where both did, and says so', { ...base, a: 2 }, { ...base, a: 3 }, { ...base, a: 2 }, ['a']],
    ['sees no clash where both typed the same', { ...base, c: 'z' }, { ...base, c: 'z' }, { ...base, c: 'z' }, []],
    ['merges different fields', { ...base, a: 2 }, { ...base, c: 'z' }, { a: 2, b: 'x', c: 'z' }, []],
  ])('%s', (_, typed, fresh, values, clashes) => {
    expect(rebase(base, typed, fresh)).toEqual({ values, clashes });
  });
});

describe('the edit of a row', () => {
  it('sends only what was typed over, with the tag of its reading', async () => {
    const { source, sent } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    edit.values.phone = '2';
    expect(await edit.save()).toEqual({ name: 'Atlas', phone: '2' });
    expect(sent).toEqual([[{ phone: '2' }, '"1"']]);
  });

  it('shows what the list did not know yet', async () => {
    const { source } = server({ name: 'Atlas Estates', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    expect(edit.values.name).toBe('Atlas Estates');
    expect(edit.changed).toEqual({});
  });

  it('is refused when somebody was faster, and goes through the second time without undoing him', async () => {
    const { source, sent, meanwhile } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    meanwhile({ name: 'Atlas Estates' });
    edit.values.phone = '2';
    await expect(edit.save()).rejects.toMatchObject({ status: 412 });
    expect(edit.values).toEqual({ name: 'Atlas Estates', phone: '2' });
    expect(edit.clashes).toEqual([]);
    expect(await edit.save()).toEqual({ name: 'Atlas Estates', phone: '2' });
    expect(sent.map(([, tag]) => tag)).toEqual(['"1"', '"2"']);
  });

  it('shows what a field is now where both changed it', async () => {
    const { source, meanwhile } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    meanwhile({ phone: '9' });
    edit.values.phone = '2';
    await expect(edit.save()).rejects.toBeInstanceOf(Problem);
    expect(edit.values.phone).toBe('2');
    expect([edit.theirs('phone'), edit.theirs('name')]).toEqual(['9', undefined]);
  });

  it('is not sent again before it is said which version of a field holds', async () => {
    const { source, sent, meanwhile } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    edit.values.phone = '2';
    meanwhile({ phone: '9' });
    await expect(edit.save()).rejects.toMatchObject({ code: 'clash_undecided' });
    await expect(edit.save()).rejects.toMatchObject({ code: 'clash_undecided' });
    expect(sent.length).toBe(1);
    edit.keep('phone');
    expect(await edit.save()).toEqual({ name: 'Atlas', phone: '2' });
  });

  it('takes the other version of a field, or keeps one’s own, and has then nothing to decide', async () => {
    const { source, sent, meanwhile } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    Object.assign(edit.values, { name: 'Mine', phone: '2' });
    meanwhile({ name: 'Theirs', phone: '9' });
    await expect(edit.save()).rejects.toMatchObject({ status: 412 });
    edit.take('name');
    edit.keep('phone');
    expect([edit.values, edit.clashes]).toEqual([{ name: 'Theirs', phone: '2' }, []]);
    await edit.save();
    expect(sent.at(-1)?.[0]).toEqual({ phone: '2' });
  });

  it('goes on after saving, in a form that stays open', async () => {
    const { source, sent, meanwhile } = server({ name: 'Atlas', phone: '1' });
    const edit = new RowEdit(source, { name: 'Atlas', phone: '1' });
    await settled();
    edit.values.phone = '2';
    await edit.save();
    meanwhile({ name: 'Atlas Estates' });
    edit.values.phone = '3';
    await edit.refresh();
    expect([edit.values, edit.changed, edit.clashes]).toEqual([{ name: 'Atlas Estates', phone: '3' }, { phone: '3' }, ['phone']]);
    edit.keep('phone');
    await edit.save();
    await edit.refresh();
    expect([edit.changed, edit.clashes]).toEqual([{}, []]);
    expect(sent.map(([, tag]) => tag)).toEqual(['"1"', '"3"']);
  });

  it('reads again when the first reading failed', async () => {
    const { source } = server({ name: 'Atlas', phone: '1' });
    const read = vi.fn(source.read).mockRejectedValueOnce(new Problem(0, {}));
    const edit = new RowEdit({ ...source, read }, { name: 'Atlas', phone: '1' });
    edit.values.name = 'B';
    await expect(edit.save()).rejects.toMatchObject({ status: 0 });
    expect(await edit.save()).toEqual({ name: 'B', phone: '1' });
    expect(read).toHaveBeenCalledTimes(2);
  });
});
