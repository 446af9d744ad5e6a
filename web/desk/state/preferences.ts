/** How this browser is set up for the member. */
import { signal } from '@preact/signals'
import type { Kept } from './kept'

export interface Chosen {
  /** Off until asked for. */
  sound: boolean
  /** Shortcuts of one key; some people's speech input or tremor would press them by accident. */
  shortcuts: boolean
}

export const STANDARD: Chosen = { sound: false, shortcuts: true }

export class Preferences {
  readonly chosen = signal<Chosen>(STANDARD)
  readonly #kept: Kept<Chosen>

  constructor(kept: Kept<Chosen>) {
    this.#kept = kept
    this.reload()
  }

  reload(): void {
    this.chosen.value = { ...STANDARD, ...this.#kept.read() }
  }

  choose(change: Partial<Chosen>): void {
    this.chosen.value = { ...STANDARD, ...this.#kept.read(), ...change }
    this.#kept.write(this.chosen.value)
  }
}
