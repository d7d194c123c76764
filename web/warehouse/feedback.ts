/** What a scan sounds and feels like: a wrong one is loud, long and low, so that nobody has to look. */
export type Tone = 'good' | 'wrong' | 'half';

interface Beep {
  hz: number;
  ms: number;
  shape: OscillatorType;
  gain: number;
}
const BEEPS: Record<Tone, readonly Beep[]> = {
  good: [{ hz: 1320, ms: 70, shape: 'sine', gain: 0.25 }],
  half: [{ hz: 220, ms: 160, shape: 'square', gain: 0.4 }, { hz: 220, ms: 160, shape: 'square', gain: 0.4 }],
  wrong: [{ hz: 196, ms: 220, shape: 'square', gain: 0.5 }, { hz: 147, ms: 420, shape: 'square', gain: 0.5 }],
};
const SHAKES: Record<Tone, number[]> = { good: [30], half: [120, 60, 120], wrong: [150, 60, 150, 60, 300] };
const PAUSE_MS = 60;
const MS = 1_000;

let context: AudioContext | null = null;

/** Never an obstacle: a device without sound, or one that does not allow it yet, still shows what happened. */
export function feel(tone: Tone): void {
  try {
    navigator.vibrate?.(SHAKES[tone]);
    if (typeof AudioContext === 'undefined') return;
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume().catch(() => undefined);
    let at = context.currentTime;
    for (const beep of BEEPS[tone]) {
      play(context, beep, at);
      at += (beep.ms + PAUSE_MS) / MS;
    }
  } catch {
    context = null;
  }
}

function play(audio: AudioContext, { hz, ms, shape, gain }: Beep, at: number): void {
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.type = shape;
  tone.frequency.value = hz;
  volume.gain.value = gain;
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + ms / MS);
}
