/** Replies on their way. Written down first, sent in order, and each exactly once: the server knows their ids. */
import { signal } from '@preact/signals'
import { newId } from '../../widget/ids'
import { backOff } from '../../widget/stream'
import { ApiError } from '../http'
import type { Kept } from './kept'
import { alone } from './tabs'

export interface Unsent {
  clientId: string
  conversation: string
  text: string
  card: { service: string; title: string } | null
  at: string
  /** Why the server will not take it, in its words; null: it has not answered yet. */
  problem: string | null
}

export interface Connections {
  send(item: Unsent): Promise<unknown>
  /** The server has it. */
  sent(item: Unsent): Promise<void> | void
}

export class Outbox {
  readonly items = signal<Unsent[]>([])
  readonly #kept: Kept<Unsent[]>
  readonly #with: Connections
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #flushing: Promise<void> | null = null

  constructor(kept: Kept<Unsent[]>, connections: Connections) {
    this.#kept = kept
    this.#with = connections
  }

  /** As it is on disk: another tab may have sent or added something. */
  reload(): void {
    this.items.value = this.#kept.read()
  }

  of(conversation: string): Unsent[] {
    return this.items.value.filter((item) => item.conversation === conversation)
  }

  add(conversation: string, text: string, card: Unsent['card'] = null): void {
    const item = { clientId: newId(), conversation, text, card, at: new Date().toISOString(), problem: null }
    this.#write([...this.#kept.read(), item])
    void this.flush()
  }

  retry(clientId: string): void {
    this.#change(clientId, { problem: null })
    void this.flush()
  }

  /** The member does not want it sent any more. Gives it back, for another try in other words. */
  drop(clientId: string): Unsent | undefined {
    const all = this.#kept.read()
    this.#write(all.filter((item) => item.clientId !== clientId))
    return all.find((item) => item.clientId === clientId)
  }

  /** Forgets everything: the member signs out. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#kept.clear()
    this.items.value = []
  }

  /** Sends what waits. Calls while it runs are one call: it always looks again before it ends. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#flushing ??= alone('outbox', () => this.#flush()).finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  async #flush(): Promise<void> {
    for (let next = this.#next(); next; next = this.#next()) {
      try {
        await this.#with.send(next)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        // Signed out: it waits for the member to come back.
        if (error.status === 401) return
        if (error.passing) {
          const wait = error.retryAfter === null ? backOff(++this.#failures, Math.random()) : error.retryAfter * 1000
          this.#timer = setTimeout(() => void this.flush(), wait)
          return
        }
        this.#change(next.clientId, { problem: error.sentence ?? error.code })
        continue
      }
      this.#failures = 0
      // Shown from the server before it goes from here, so that it never blinks away.
      await this.#with.sent(next)
      this.drop(next.clientId)
    }
  }

  /** The first of a conversation in which nothing stands in the way. */
  #next(): Unsent | undefined {
    const stuck = new Set<string>()
    const all = this.#kept.read()
    this.items.value = all
    return all.find((item) => {
      if (item.problem !== null) stuck.add(item.conversation)
      return !stuck.has(item.conversation)
    })
  }

  #change(clientId: string, change: Partial<Unsent>): void {
    this.#write(this.#kept.read().map((item) => (item.clientId === clientId ? { ...item, ...change } : item)))
  }

  #write(items: Unsent[]): void {
    this.#kept.write(items)
    this.items.value = items
  }
}
