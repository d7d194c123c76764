// Who reads and who watches a ticket of the stand-in.
export function makeTalk({ db }) {
  const watchers = new Map();
  const of = (id) => watchers.get(id) ?? new Set();
  const office = () => db.users.filter((user) => ['admin', 'dispatcher'].includes(user.role));
  return {
    readers: (id) => office().map((user) => ({ user_id: user.id, login: user.login, display_name: user.display_name, role: user.role, watches: of(id).has(user.id) })),
    watch(method, id, userId) {
      const now = new Set(of(id));
      if (method === 'PUT') now.add(userId);
      else now.delete(userId);
      watchers.set(id, now);
      return null;
    },
  };
}
