// Tokens of the stand-in: the secret is told once, and only its holder can use it.
import { find, need, Refusal } from './refusal.mjs';

const YEAR = 365 * 86_400_000;

export function makeTokens({ db, now, changed }) {
  const secrets = new Map();
  const tokens = [];

  function list(user) {
    if (user.role !== 'admin') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
  }
  return {
    /** Who calls with this header, if it names a token that has not ended. */
    userOf(authorization) {
      const token = secrets.get(/^Bearer (.+)$/.exec(authorization ?? '')?.[1]);
      return token && token.expires_at > now() ? { id: token.id, login: '', display_name: token.name, role: token.role, engineer_id: null, locale: '' } : null;
    },
    route(method, id, body, user) {
      list(user);
      if (method === 'POST') {
        need(body, 'name', 'role');
        const token = { id: db.id(), name: body.name, role: body.role, created_at: now(), expires_at: now() + YEAR };
        const secret = `fet_${token.id.slice(-12)}${Math.random().toString(36).slice(2)}`;
        secrets.set(secret, token);
        tokens.push(token);
        changed('tokens', token);
        return { ...token, token: secret };
      }
      if (method === 'DELETE') {
        const token = find(tokens, id);
        tokens.splice(tokens.indexOf(token), 1);
        for (const [secret, one] of secrets) if (one === token) secrets.delete(secret);
        changed('tokens', token, 'delete');
        return null;
      }
      return { items: tokens, next: null };
    },
  };
}
