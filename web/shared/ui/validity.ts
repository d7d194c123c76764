/**
 * What a browser finds wrong with a control, in the language of the page: the browser's own bubbles speak the
 * browser's language and vanish before they are read.
 */
import { dateTime, fromLocalInput, m } from '$shared/i18n/text';

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const limit = (control: Control, name: string): string => control.getAttribute(name) ?? '';

function ofRange(control: Control): string {
  const [least, most] = [limit(control, 'min'), limit(control, 'max')];
  if (control.type === 'datetime-local') return m.fault_not_before({ time: dateTime(fromLocalInput(least) ?? 0) });
  if (control.type === 'date') return m.fault_out_of_order();
  if (least && most) return m.fault_between({ least, most });
  return least ? m.fault_at_least({ least }) : m.fault_at_most({ most });
}

export function validityWords(control: Control): string {
  const { validity } = control;
  if (validity.valid) return '';
  if (validity.badInput || validity.patternMismatch) return m.fault_number({ example: limit(control, 'placeholder') || '40.7486' });
  if (validity.valueMissing) return m.fault_required();
  if (validity.stepMismatch && limit(control, 'step') === '1') return m.fault_whole();
  if (validity.rangeUnderflow || validity.rangeOverflow) return ofRange(control);
  if (validity.tooShort) return m.fault_too_short({ least: limit(control, 'minlength') });
  if (validity.tooLong) return m.fault_too_long({ most: limit(control, 'maxlength') });
  return validity.typeMismatch && control.type === 'email' ? m.fault_email() : m.fault_invalid();
}
