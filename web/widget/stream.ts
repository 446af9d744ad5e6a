import { type Api, ApiError } from './api'
import type { Credentials, Message, Page } from './contract'

export interface ServerEvent {
  event: string
  data: string
  id: string | null
}

/**
 * An incremental parser for text/event-stream: feed it chunks, however they are cut.
 * Only what this protocol uses: event, data, id and comments (`retry:` is ignored, the back-off is ours).
 */
export function eventParser(emit: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = ''
  let event = ''
  let data: string[] = []
  let id: string | null = null
  let first = true

  function line(text: string): void {
    if (text === '') {
      if (data.length) emit({ event: event || 'message', data: data.join('\n'), id })
      event = ''
      data = []
      id = null
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id') id = value
  }

  return (chunk) => {
    if (first && chunk) {
      chunk = chunk.replace(/^\uFEFF/, '')
      first = false
    }
    rest += chunk
    for (;;) {
      const end = rest.search(/[\r\n]/)
      // A final \r may be half of a \r\n whose other half is in the next chunk.
      if (end < 0 || (end === rest.length - 1 && rest[end] === '\r')) return
      line(rest.slice(0, end))
      rest = rest.slice(end + (rest.startsWith('\r\n', end) ? 2 : 1))
    }
  }
}

export interface StreamHandlers {
  /** The highest sequence number that is safely in the state. */
  cursor(): number
  page(page: Page): void
  message(message: Message): void
  typing(typing: boolean): void
  /** A member of staff is writing at this moment. */
  staffWrites(): void
  progress(state: string | undefined, language: string | undefined): void
  connected(connected: boolean): void
  gone(): void
}

const POLL_MS = 3_000
/** A stream with not even a keep-alive for this long is dead, whatever the browser believes. */
const SILENCE_MS = 50_000
/** How long polling stands in before the stream is tried again. */
const POLLING_MS = 60_000
/** A stream that lived this long has proved that the way is open. */
const PROVEN_MS = 5_000

export function backOff(failures: number, random: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(failures - 1, 5)) * (0.75 + random / 2)
}

/**
 * Keeps the state up to date with the server. Each round first reads what was missed (by sequence
 * number), then listens. When listening does not work (proxies that buffer or cut), it polls.
 */
export class Stream {
  #api: Api
  #who: Credentials
  #on: StreamHandlers
  #stopped = new AbortController()
  #listening: AbortController | null = null
  #wake: (() => void) | null = null
  #broken = 0
  #pollUntil = 0

  constructor(api: Api, who: Credentials, on: StreamHandlers) {
    this.#api = api
    this.#who = who
    this.#on = on
  }

  stop(): void {
    this.#stopped.abort()
    this.refresh()
  }

  /** Look now: the network or the page came back, or what we have may be stale. */
  refresh(): void {
    this.#listening?.abort()
    this.#wake?.()
  }

  /** The stream is open but silent while the server has news: something buffers it. Poll instead. */
  distrust(): void {
    this.#pollUntil = Date.now() + POLLING_MS * 10
    this.refresh()
  }

  async run(): Promise<void> {
    let failures = 0
    while (!this.#stopped.signal.aborted) {
      try {
        const page = await this.#api.messages(this.#who, this.#on.cursor(), this.#stopped.signal)
        if (this.#stopped.signal.aborted) return
        failures = 0
        this.#on.page(page)
        this.#on.connected(true)
        if (Date.now() >= this.#pollUntil) await this.#listen()
        else await this.#pause(POLL_MS)
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError('server')
        if (failure.failure === 'gone') return this.#on.gone()
        failures++
        // Being asked to slow down is not a lost connection.
        if (failure.failure !== 'limited') this.#on.connected(false)
        await this.#pause(failure.retryAfter !== null ? failure.retryAfter * 1000 : backOff(failures, Math.random()))
      }
    }
  }

  async #listen(): Promise<void> {
    const listening = new AbortController()
    this.#listening = listening
    const began = Date.now()
    let silence: ReturnType<typeof setTimeout> | undefined
    const alive = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => listening.abort(), SILENCE_MS)
    }
    alive()
    try {
      const body = await this.#api.events(this.#who, this.#on.cursor(), listening.signal)
      const reader = body.getReader()
      const decoder = new TextDecoder()
      const parse = eventParser((event) => this.#handle(event))
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        alive()
        parse(decoder.decode(value, { stream: true }))
      }
    } catch {
      // Why it ended does not matter here: the next round's request tells whether the connection is lost.
    } finally {
      clearTimeout(silence)
      this.#listening = null
    }
    if (listening.signal.aborted) return
    this.#broken = Date.now() - began >= PROVEN_MS ? 0 : this.#broken + 1
    if (this.#broken >= 2) {
      this.#pollUntil = Date.now() + POLLING_MS
      this.#broken = 0
    } else {
      await this.#pause(250 + Math.random() * 500)
    }
  }

  #handle({ event, data }: ServerEvent): void {
    let body: unknown
    try {
      body = JSON.parse(data)
    } catch {
      // Half a message is worse than none; reading by sequence number will bring it whole.
      return this.refresh()
    }
    if (event === 'message') this.#on.message(body as Message)
    else if (event === 'typing') {
      const { typing, who } = body as { typing?: boolean; who?: string }
      if (who === 'staff') this.#on.staffWrites()
      else this.#on.typing(Boolean(typing))
    }
    else if (event === 'state') {
      const { state, language } = body as { state?: string; language?: string }
      this.#on.progress(state, language)
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#wake = done
    })
  }
}
