import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import ConflictCards from '$shared/ui/ConflictCards.svelte';
import LateAnswer from '$shared/ui/LateAnswer.svelte';
import { draw } from '../../test/render';
import { page, serve } from '../../test/window';
import Devices from './Devices.svelte';
import EnrolDialog from './EnrolDialog.svelte';
import Rescues from './Rescues.svelte';

beforeEach(() => void serve({ 'GET /api/v1/devices': page([]), 'GET /api/v1/rescues': page([]), 'GET /api/v1/conflict-cards': page([]) }));
afterEach(() => locale.set('en'));

describe('the pages of phones', () => {
  it('are on their way until the server has answered, and offer to enrol one meanwhile', () => {
    expect(draw(Devices, {}).text).toContain('Enrol a phone');
    expect(draw(Rescues, {}).text).toBe('Given away by phones Loading…');
    expect(draw(ConflictCards, {}).text).toBe('Loading…');
  });

  it('are in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    expect(draw(Devices, {}).text).not.toMatch(/[a-z]{3}/i);
    expect(draw(Rescues, {}).text).not.toMatch(/[a-z]{3}/i);
  });

  it('ask nothing before one wants it', () => {
    expect(draw(EnrolDialog, { open: false }).text).toBe('');
    expect(draw(LateAnswer, { card: null, busy: false, onclose: () => undefined, onanswer: () => undefined }).text).toBe('');
  });
});
