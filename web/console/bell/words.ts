/** The words for what somebody is told. A kind that this page does not know is shown as it is. */
import type { NotificationView } from '$shared/api/types';
import { statusLabel } from '$shared/i18n/labels';
import { locale, m, number } from '$shared/i18n/text';

const MOST_SHOWN = 99;
const kinds: Record<string, () => string> = {
  response_due: m.notified_response_due, resolution_due: m.notified_resolution_due, reassigned: m.notified_reassigned, rule: m.notified_rule, mentioned: m.notified_mentioned_kind, commented: m.notified_commented_kind, status_changed: m.notified_status_kind,
};

export const kindWords = (kind: string): string => kinds[kind]?.() ?? kind;
/** What a rule says is its name, which the office gave it in both languages; of a note its author, of a step where it led. */
export function whatWords(one: NotificationView): string {
  if (one.kind === 'mentioned' && one.note_author) return m.notified_mentioned({ name: one.note_author });
  if (one.kind === 'commented' && one.note_author) return m.notified_commented({ name: one.note_author });
  if (one.kind === 'status_changed' && one.status) return m.notified_status({ status: statusLabel(one.status) });
  return (locale.current === 'zh-CN' ? one.rule_zh : one.rule_en) ?? kindWords(one.kind);
}
export const countWords = (unread: number): string => (unread > MOST_SHOWN ? `${MOST_SHOWN}+` : number(unread));
export const bellLabel = (unread: number): string => (unread === 0 ? m.notifications() : m.notifications_unread({ count: countWords(unread) }));
/** Read out when it comes. */
export const newsWords = (one: NotificationView | null): string => (one ? m.notification_news({ number: String(one.number), title: one.title, what: whatWords(one) }) : '');
