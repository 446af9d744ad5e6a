/** The list that is shown, page by page, and how many are in each. */
import { signal } from '@preact/signals'
import type { Conversation, Counts, ListName, Page } from '../contract'

export interface Listed {
  name: ListName
  items: Conversation[]
  next: string | null
  /** When it was read, by this computer's clock: waiting times go on from there. */
  readAt: number
}

type Read = (name: ListName, after: string | null) => Promise<Page>

export class Lists {
  readonly shown = signal<Listed | null>(null)
  readonly counts = signal<Counts>({})
  readonly loading = signal(false)
  /** The last try to read failed; what is shown may be old. */
  readonly failed = signal(false)
  readonly #read: Read
  #name: ListName | null = null
  #turn = 0

  constructor(read: Read) {
    this.#read = read
  }

  async show(name: ListName): Promise<void> {
    if (this.#name === name) return
    this.#name = name
    this.shown.value = null
    await this.refresh()
  }

  /** Reads as many as are shown again. Of several at once the last one counts. */
  async refresh(): Promise<void> {
    const name = this.#name ?? 'waiting'
    const enough = this.shown.value?.items.length ?? 0
    await this.#run(async (current) => {
      let page = await this.#read(name, null)
      const items = page.items
      while (page.next && items.length < enough && current()) {
        page = await this.#read(name, page.next)
        items.push(...page.items)
      }
      return { items: unique(items), next: page.next, counts: page.counts }
    }, name)
  }

  async more(): Promise<void> {
    const shown = this.shown.value
    if (!shown?.next) return
    await this.#run(async () => {
      const page = await this.#read(shown.name, shown.next)
      return { ...page, items: unique([...shown.items, ...page.items]) }
    }, shown.name)
  }

  /** The server has told the numbers. */
  count(counts: Counts): void {
    this.counts.value = { ...this.counts.value, ...counts }
  }

  /** Somebody else has signed in. */
  forget(): void {
    this.#turn++
    this.#name = null
    this.shown.value = null
    this.counts.value = {}
  }

  async #run(read: (current: () => boolean) => Promise<Page>, name: ListName): Promise<void> {
    const turn = ++this.#turn
    const current = (): boolean => turn === this.#turn
    this.loading.value = true
    try {
      const { items, next, counts } = await read(current)
      if (!current()) return
      this.shown.value = { name, items, next, readAt: Date.now() }
      this.count(counts)
      this.failed.value = false
    } catch {
      if (current()) this.failed.value = true
    } finally {
      if (current()) this.loading.value = false
    }
  }
}

/** What moved between two pages while they were read is in both. */
function unique(items: Conversation[]): Conversation[] {
  return [...new Map(items.map((item) => [item.id, item])).values()]
}

/** Seconds that it has waited by now: those in the queue go on waiting after the list was read. */
export function waited(item: Conversation, readAt: number, now: number): number {
  const since = item.state === 'queued' ? Math.max(0, now - readAt) / 1000 : 0
  return item.waiting_seconds + Math.floor(since)
}
