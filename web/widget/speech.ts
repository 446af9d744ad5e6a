/** Reads one message aloud at a time with the browser's own voice: nothing leaves the device. */
export class Speaker {
  #reading: string | null = null
  #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get reading(): string | null {
    return this.#reading
  }

  /** No button is better than Danish read by an English voice. An empty list only means "not loaded yet". */
  static canRead(language: string): boolean {
    if (!('speechSynthesis' in globalThis)) return false
    const voices = speechSynthesis.getVoices()
    return !voices.length || voices.some((voice) => voice.lang.toLowerCase().startsWith(language))
  }

  toggle(id: string, text: string, language: string): void {
    const again = this.#reading === id
    this.stop()
    if (!again) this.#start(id, text, language)
  }

  stop(): void {
    if (this.#reading === null) return
    this.#reading = null
    speechSynthesis.cancel()
    this.#changed()
  }

  #start(id: string, text: string, language: string): void {
    // Sentence by sentence: some browsers fall silent in the middle of a long utterance.
    const sentences = (text.match(/[^.!?؟\n]+[.!?؟]*\s*/g) ?? []).filter((part) => part.trim())
    if (!sentences.length) return
    this.#reading = id
    sentences.forEach((sentence, index) => {
      const utterance = new SpeechSynthesisUtterance(sentence)
      utterance.lang = language
      utterance.onerror = utterance.onend = (event) => {
        // Cancelling the previous reading also ends its sentences; that is not our end.
        const last = index === sentences.length - 1 || event.type === 'error'
        if (last && this.#reading === id) {
          this.#reading = null
          this.#changed()
        }
      }
      speechSynthesis.speak(utterance)
    })
    this.#changed()
  }
}
