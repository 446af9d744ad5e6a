/** What the member is told beside what they see: one line on the screen, and words for screen readers. */
import { signal } from '@preact/signals'

export interface Line {
  /** Tells two equal sentences apart: both are to be read out. */
  id: number
  text: string
}

/** News that come in so short a time are told together. */
const TOGETHER_MS = 1_500

export class Notices {
  readonly bar = signal<(Line & { kind: 'done' | 'problem' }) | null>(null)
  readonly polite = signal<Line>({ id: 0, text: '' })
  readonly urgent = signal<Line>({ id: 0, text: '' })
  readonly #many: (n: number) => string
  #id = 0
  #waiting: string[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `many` says how much is new when single news would be a flood. */
  constructor(many: (n: number) => string) {
    this.#many = many
  }

  done(text: string): void {
    this.bar.value = { ...this.#line(text), kind: 'done' }
    this.polite.value = this.#line(text)
  }

  problem(text: string): void {
    this.bar.value = { ...this.#line(text), kind: 'problem' }
    this.urgent.value = this.#line(text)
  }

  dismiss(): void {
    this.bar.value = null
  }

  /** Read out only, as what is shown anyway. */
  say(text: string): void {
    this.polite.value = this.#line(text)
  }

  /** Read out with whatever else comes at the same time: one sentence, or how many there were. */
  news(text: string): void {
    this.#waiting.push(text)
    this.#timer ??= setTimeout(() => {
      const [first = '', ...more] = this.#waiting
      this.say(more.length ? this.#many(more.length + 1) : first)
      this.#waiting = []
      this.#timer = undefined
    }, TOGETHER_MS)
  }

  #line(text: string): Line {
    return { id: ++this.#id, text }
  }
}
