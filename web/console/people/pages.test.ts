import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role, User } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { serve } from '../../test/window';
import CustomerDetail from '../customers/CustomerDetail.svelte';
import { certificateTones, certificateWords } from './certificate-words';
import type { CertificateState } from './certificates';
import { PASSWORD_LEAST, ROLES, TOKEN_ROLES } from './roles';
import Tokens from './Tokens.svelte';
import UserDetail from './UserDetail.svelte';

const user = (over: Partial<User> = {}): User =>
  ({ id: 'u1', login: 'dora', display_name: 'Dora Reyes', role: 'dispatcher', engineer_id: null, locale: 'en', active: true, created_at: 0, email: 'dora@lifts.example', ...over });
const detail = (over: Partial<User> = {}) => draw(UserDetail, { user: user(over), onchange: () => undefined });
beforeEach(() => {
  clock.set(0, 1);
  serve({});
});
afterEach(() => locale.set('en'));

describe('a user', () => {
  it('is shown with name and log-in, and the form begins with what is known', () => {
    const drawn = detail();
    expect(drawn.text).toMatch(/^Dora Reyes dora/);
    expect(drawn.attribute('input', 'value')).toBe('Dora Reyes');
  });

  it('has an address for mail, or none', () => {
    const address = (over: Partial<User>) => detail(over).tags('input').find((tag) => tag.includes('type="email"'));
    expect(address({})).toContain('value="dora@lifts.example"');
    expect(address({ email: '' })).not.toContain('value="d');
    expect(detail().text).toContain('Empty: none are');
  });

  it('can be switched off, and on again', () => {
    expect(detail().text).toContain('Deactivate');
    expect(detail({ active: false }).text).toContain('Activate');
    expect(detail({ active: false }).text).not.toContain('Deactivate');
  });

  it('gets a new password of the length that the server asks for', () => {
    const password = detail().tags('input').find((tag) => tag.includes('type="password"'));
    expect(password).toContain(`minlength="${PASSWORD_LEAST}"`);
    expect(password).toContain('autocomplete="new-password"');
  });
});

describe('roles', () => {
  it('of a program are those of people without the engineer, who has a phone', () => {
    expect(ROLES.filter((role) => !TOKEN_ROLES.includes(role))).toEqual(['engineer']);
    expect(TOKEN_ROLES.every((role) => ROLES.includes(role))).toBe(true);
  });

  it('are each named in both languages', () => {
    for (const role of ROLES) {
      const roles = /<select[\s\S]*<\/select>/.exec(detail({ role: role as Role }).html)?.[0] ?? '';
      expect(roles.match(/<option/g)).toHaveLength(ROLES.length);
    }
    locale.set('zh-CN');
    expect(detail().text).toContain('调度员');
  });
});

describe('the state of a certificate', () => {
  const states: CertificateState[] = ['valid', 'ending', 'future', 'expired'];

  it('is said differently for each, in both languages', () => {
    expect(new Set(states.map(certificateWords)).size).toBe(4);
    const english = states.map(certificateWords);
    locale.set('zh-CN');
    expect(states.map(certificateWords).some((words) => english.includes(words))).toBe(false);
  });

  it('warns by colour beside the words, before it is too late and when it is', () => {
    expect([certificateTones.valid, certificateTones.ending, certificateTones.expired]).toEqual(['good', 'warn', 'late']);
  });
});

describe('what is read from the server', () => {
  it('says so while it is not there', () => {
    expect(draw(CustomerDetail, { id: 'c', onchange: () => undefined }).text).toBe('Loading…');
    expect(draw(Tokens, {}).text).toMatch(/^API tokens With a token another program .* New token Loading…$/);
  });
});
