/** Two short, calm signals, made here: something was done, or was not. */

export type Outcome = 'done' | 'failed';

interface Note {
  /** Hz. */
  pitch: number;
  /** Seconds from the beginning. */
  at: number;
}

/** A fifth up, and a minor third down. */
const signals: Record<Outcome, readonly Note[]> = {
  done: [
    { pitch: 523.25, at: 0 },
    { pitch: 783.99, at: 0.14 },
  ],
  failed: [
    { pitch: 392, at: 0 },
    { pitch: 329.63, at: 0.18 },
  ],
};

/** Of each note, in seconds: until it is loudest, and until it has faded. */
const RISE = 0.02;
const FADE = 0.32;
const LOUDEST = 0.12;

/** Sounds it, unless it is not wanted. Where there is no audio, nothing is heard, and nothing
 *  fails: what the signal says is shown, too. */
export function signal(
  outcome: Outcome,
  wanted: boolean,
  open: () => AudioContext = () => new AudioContext(),
): void {
  if (!wanted) return;
  try {
    const audio = open();
    const notes = signals[outcome].map((note) => play(audio, note));
    const last = notes.at(-1);
    if (last) last.onended = () => void audio.close().catch(() => undefined);
  } catch {
    // No audio.
  }
}

function play(audio: AudioContext, { pitch, at }: Note): OscillatorNode {
  const begins = audio.currentTime + at;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, begins);
  volume.gain.linearRampToValueAtTime(LOUDEST, begins + RISE);
  volume.gain.linearRampToValueAtTime(0, begins + FADE);
  tone.connect(volume).connect(audio.destination);
  tone.start(begins);
  tone.stop(begins + FADE);
  return tone;
}
