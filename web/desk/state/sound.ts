/** Two soft tones, made here: no file to fetch. */
let audio: AudioContext | null = null

/** Browsers allow sound only after a click; call it from one. */
export function allowSound(): void {
  audio ??= typeof AudioContext === 'function' ? new AudioContext() : null
  void audio?.resume()
}

const TONES = [
  { hertz: 660, from: 0 },
  { hertz: 880, from: 0.14 },
]
const LENGTH = 0.22
const LOUDNESS = 0.12

export function playSound(): void {
  allowSound()
  if (audio?.state !== 'running') return
  for (const { hertz, from } of TONES) {
    const start = audio.currentTime + from
    const tone = new OscillatorNode(audio, { frequency: hertz, type: 'sine' })
    const gain = new GainNode(audio, { gain: 0 })
    // Fades in and out: a tone cut off clicks.
    gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02)
    gain.gain.linearRampToValueAtTime(0, start + LENGTH)
    tone.connect(gain).connect(audio.destination)
    tone.start(start)
    tone.stop(start + LENGTH)
  }
}
