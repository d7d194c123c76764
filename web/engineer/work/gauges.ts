/** Names of what engineers read off. */
import { m } from '$shared/i18n/text';

const words: Record<string, () => string> = {
  voltage: m.gauge_voltage, current: m.gauge_current, insulation: m.gauge_insulation, temperature: m.gauge_temperature,
  speed: m.gauge_speed, gap: m.gauge_gap, pressure: m.gauge_pressure, meter: m.gauge_meter,
};
/** A kind that another app has written stays as it is. */
export const gaugeWords = (kind: string): string => words[kind]?.() ?? kind;
