/** What somebody has begun to write, conversation by conversation. */
import { signal } from '@preact/signals'
import type { Kept } from './kept'

export interface Draft {
  text: string
  card: { service: string; title: string } | null
}

export const EMPTY: Draft = { text: '', card: null }

export class Drafts {
  readonly all = signal<Record<string, Draft>>({})
  readonly #kept: Kept<Record<string, Draft>>

  constructor(kept: Kept<Record<string, Draft>>) {
    this.#kept = kept
  }

  reload(): void {
    this.all.value = this.#kept.read()
  }

  of(conversation: string): Draft {
    return this.all.value[conversation] ?? EMPTY
  }

  set(conversation: string, change: Partial<Draft>): void {
    const kept = this.#kept.read()
    const draft = { ...(kept[conversation] ?? EMPTY), ...change }
    const { [conversation]: _, ...others } = kept
    const all = draft.text || draft.card ? { ...others, [conversation]: draft } : others
    this.#kept.write(all)
    this.all.value = all
  }

  clear(): void {
    this.#kept.clear()
    this.all.value = {}
  }
}
