/** The conversation that is open, kept in step with the server by sequence number. */
import { computed, signal } from '@preact/signals'
import type { Detail, Message } from '../contract'
import { ApiError } from '../http'

export type Status = 'none' | 'loading' | 'ready' | 'missing' | 'forbidden' | 'failed'

interface Reads {
  conversation(id: string): Promise<Detail>
  messages(id: string, after: number): Promise<Message[]>
}

/** After so long without another sign nobody is writing any more. */
const TYPING_MS = 6_000

export class Opened {
  readonly id = signal<string | null>(null)
  readonly status = signal<Status>('none')
  readonly detail = signal<Detail | null>(null)
  readonly messages = signal<Message[]>([])
  readonly typing = signal(false)
  readonly lastSeq = computed(() => this.messages.value.at(-1)?.seq ?? 0)
  /** The citizen's newest message: the only kind that has to be read. */
  readonly heardSeq = computed(() => this.messages.value.findLast(({ author }) => author === 'citizen')?.seq ?? 0)
  readonly readAt = signal(0)
  readonly #reads: Reads
  /** Told of messages that came while it was open. */
  readonly #arrived: (messages: Message[]) => void
  #typingTimer: ReturnType<typeof setTimeout> | undefined
  /** Said aloud once per message, however often somebody pauses while writing it. */
  #toldTyping = false
  #reloading: Promise<void> | null = null
  #again = false

  constructor(reads: Reads, arrived: (messages: Message[]) => void) {
    this.#reads = reads
    this.#arrived = arrived
  }

  async open(id: string | null): Promise<void> {
    if (id === this.id.value) return
    this.id.value = id
    this.detail.value = null
    this.messages.value = []
    this.#quiet()
    this.#toldTyping = false
    this.status.value = id === null ? 'none' : 'loading'
    if (id !== null) await this.reload()
  }

  /** Everything anew. Calls while one is on its way are answered by one more, not by many. */
  reload(): Promise<void> {
    if (this.#reloading) {
      this.#again = true
      return this.#reloading
    }
    this.#reloading = this.#reload().finally(() => {
      this.#reloading = null
      if (this.#again) {
        this.#again = false
        void this.reload()
      }
    })
    return this.#reloading
  }

  async #reload(): Promise<void> {
    const id = this.id.value
    if (id === null) return
    try {
      const detail = await this.#reads.conversation(id)
      if (id !== this.id.value) {
        this.#again = true
        return
      }
      const first = this.detail.value === null
      this.detail.value = detail
      this.readAt.value = Date.now()
      this.#take(detail.messages, !first)
      this.status.value = 'ready'
    } catch (error) {
      if (id !== this.id.value) {
        this.#again = true
        return
      }
      const status = error instanceof ApiError ? error.status : 0
      if (status === 404) this.status.value = 'missing'
      else if (status === 403) this.status.value = 'forbidden'
      // What is on the screen is worth more than an error page.
      else if (!this.detail.value) this.status.value = 'failed'
    }
  }

  /** Only what is new, by number. */
  async catchUp(): Promise<void> {
    const id = this.id.value
    if (id === null || this.status.value !== 'ready') return
    try {
      const messages = await this.#reads.messages(id, this.lastSeq.value)
      if (id === this.id.value) this.#take(messages, true)
    } catch {
      // The stream will say so when the connection is lost, and resume from the same number.
    }
  }

  /** The citizen writes. Gives whether that is new: since their last message nobody has been told. */
  hearTyping(): boolean {
    clearTimeout(this.#typingTimer)
    const news = !this.#toldTyping
    this.#toldTyping = true
    this.typing.value = true
    this.#typingTimer = setTimeout(() => this.#quiet(), TYPING_MS)
    return news
  }

  #quiet(): void {
    clearTimeout(this.#typingTimer)
    this.typing.value = false
  }

  #take(messages: Message[], tell: boolean): void {
    const before = this.lastSeq.value
    this.messages.value = merged(this.messages.value, messages)
    const fresh = messages.filter((message) => message.seq > before)
    if (fresh.some((message) => message.author === 'citizen')) {
      this.#quiet()
      this.#toldTyping = false
    }
    if (tell && fresh.length) this.#arrived(fresh)
  }
}

/** One message per number, in order; the copy that came last is the newest. */
export function merged(before: Message[], more: Message[]): Message[] {
  const bySeq = new Map(before.map((message) => [message.seq, message]))
  for (const message of more) bySeq.set(message.seq, message)
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}
