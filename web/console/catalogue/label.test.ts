import '../../test/globals';
import { afterEach, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import LabelLink from './LabelLink.svelte';

afterEach(() => locale.set('en'));

it('the label of a part or a place is one PDF of one label, and says whose it is', () => {
  const link = (kind: 'parts' | 'places') => draw(LabelLink, { kind, id: '0198-a', name: 'DR-110' });
  expect(link('parts').attribute('a', 'href')).toBe('/api/v1/labels.pdf?kind=parts&ids=0198-a&layout=roll');
  expect(link('places').attribute('a', 'href')).toContain('kind=places');
  expect(link('parts').attribute('a', 'aria-label')).toBe('Label of DR-110, as a PDF to print');
  locale.set('zh-CN');
  expect(link('parts').text).toBe('标签');
});
