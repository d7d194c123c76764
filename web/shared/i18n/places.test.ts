import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { placeName } from './places';
import { locale } from './text';

afterEach(() => locale.set('en'));

describe('the name of a place', () => {
  it.each([
    ['SUPPLIER', 'Suppliers', '供应商'], ['INSTALLED', 'Installed at customers', '已装于客户处'], ['ADJUSTMENT', 'Count differences', '盘点差异'], ['SCRAP', 'Scrap', '报废'],
    ['QUARANTINE', 'Quarantine', '隔离区'], ['REPAIR', 'Away for repair', '返修中'], ['UNPLACED', 'Not placed yet', '未上架'],
  ])('that everybody has (%s) is in the reader’s language', (code, name, chinese) => {
    expect(placeName({ code, name })).toBe(name);
    locale.set('zh-CN');
    expect(placeName({ code, name })).toBe(chinese);
  });

  it('that somebody has given is left as it is', () => {
    locale.set('zh-CN');
    expect(placeName({ code: 'QUARANTINE', name: 'Red cage' })).toBe('Red cage');
    expect(placeName({ code: 'Q-EAST', name: 'Quarantine' })).toBe('Quarantine');
  });

  it('that is not there is nothing', () => expect(placeName(undefined)).toBe(''));
});
