// What the customer's page asks, sends and shows, against a server of a few lines.
import '../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfirmationView } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { draw } from '../test/render';
import { Refused, serve } from '../test/window';
import { Question } from './answer.svelte';
import App from './App.svelte';

const view = (over: Partial<ConfirmationView> = {}): ConfirmationView => ({
  organisation: 'Midtown Lift Service', ticket_number: 1042, title: 'Lift stands still', address: '350 5th Ave', completed_at: 0, state: 'asked', solved: null, satisfaction: null, open_until: 1, messages: [], ...over,
});
const GET = 'GET /api/v1/confirmations/abc';
const POST = 'POST /api/v1/confirmations/abc';
async function opened(shown: ConfirmationView, more: Record<string, unknown> = {}) {
  const asked = serve({ [GET]: () => shown, ...more });
  const question = new Question('abc');
  await question.load();
  return { question, asked };
}
afterEach(() => locale.set('en'));

describe('the question', () => {
  it('asks first whether the fault is gone, and only then the rest', async () => {
    const { question } = await opened(view());
    const before = draw(App, { question });
    expect(before.text).toContain('Lift stands still');
    expect(before.tags('button').some((tag) => tag.includes('primary'))).toBe(false);
    question.solved = false;
    expect(draw(App, { question }).text).toMatch(/What is still wrong.*Report it as not solved/);
  });

  it('shows what the office wrote for the customer, line by line, and nothing where it wrote nothing', async () => {
    const { question } = await opened(view({ messages: [{ at: 0, text: 'We fitted a new door lock.\nThe bill comes by mail.' }] }));
    expect(draw(App, { question }).text).toContain('Midtown Lift Service wrote to you We fitted a new door lock. The bill comes by mail.');
    locale.set('zh-CN');
    expect(draw(App, { question }).text).toContain('Midtown Lift Service 给您的留言');
    expect(draw(App, { question: (await opened(view())).question }).text).not.toContain('留言');
  });

  it('sends what was chosen, and thanks', async () => {
    const { question, asked } = await opened(view(), { [POST]: () => view({ state: 'answered', solved: true, satisfaction: 'neutral' }) });
    Object.assign(question, { solved: true, satisfaction: 'neutral', comment: '  ok ' });
    await question.send();
    expect(asked.at(-1)?.body).toEqual({ solved: true, satisfaction: 'neutral', comment: 'ok' });
    expect(draw(App, { question }).text).toContain('Thank you');
  });

  it('sends nothing before the first choice', async () => {
    const { question, asked } = await opened(view());
    await question.send();
    expect(asked.map((one) => one.method)).toEqual(['GET']);
  });

  it('shows how it stands when somebody was faster', async () => {
    let state: ConfirmationView['state'] = 'asked';
    const asked = serve({ [GET]: () => view({ state, solved: state === 'answered' ? false : null }), [POST]: () => ((state = 'answered'), new Refused(409, { code: 'already_answered' })) });
    const question = new Question('abc');
    await question.load();
    question.solved = true;
    await question.send();
    expect(asked.length).toBe(3);
    expect(draw(App, { question }).text).toContain('was answered already');
    expect(draw(App, { question }).text).toContain('open again');
  });

  it.each([['answered', 'call'], ['over', 'call']] as const)('that is not taken (%s) thanks nobody, keeps what was written, and says how to reach somebody', async (now, how) => {
    let state: ConfirmationView['state'] = 'asked';
    serve({ [GET]: () => view({ state, solved: state === 'answered' ? true : null }), [POST]: () => ((state = now), new Refused(409, { code: 'already_answered' })) });
    const question = new Question('abc');
    await question.load();
    Object.assign(question, { solved: false, comment: 'It still stops between floors' });
    await question.send();
    const { text } = draw(App, { question });
    expect(text).toContain('It still stops between floors');
    expect(text).toContain(how);
    expect(text).not.toContain('Thank you');
    locale.set('zh-CN');
    expect(draw(App, { question }).text).toContain('致电');
  });

  it('keeps the answer on the page when nobody is reached', async () => {
    const { question } = await opened(view(), { [POST]: () => new Refused(0) });
    Object.assign(question, { solved: true, comment: 'fine' });
    await question.send();
    expect([question.comment, question.sending.problem?.code]).toEqual(['fine', 'unreachable']);
  });
});

describe('a link', () => {
  it('that proves nothing says so', async () => {
    serve({});
    for (const token of ['', 'abd']) {
      const question = new Question(token);
      await question.load();
      expect(draw(App, { question }).text).toContain('not valid');
    }
  });

  it('without a server is tried again', async () => {
    let up = false;
    serve({ [GET]: () => (up ? view() : new Refused(0)) });
    const question = new Question('abc');
    await question.load();
    expect(draw(App, { question }).text).toContain('Try again');
    up = true;
    await question.load();
    expect(question.view?.ticket_number).toBe(1042);
  });

  it('that is over says whom to ask, in Chinese too', async () => {
    const { question } = await opened(view({ state: 'over' }));
    locale.set('zh-CN');
    expect(draw(App, { question }).text).toContain('该确认已失效');
  });
});
