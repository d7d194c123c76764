/** The three answers in words. */
import type { Satisfaction } from '$shared/api/types';
import { m } from '$shared/i18n/text';

export const satisfactionWords = (level: Satisfaction): string => ({ satisfied: m.satisfied, neutral: m.neutral, dissatisfied: m.dissatisfied })[level]();
