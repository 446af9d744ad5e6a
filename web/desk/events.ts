/** The stream of events: kept open, and taken up again where it broke off. */
import { backOff, eventParser } from '../widget/stream'
import type { DeskEvent } from './contract'
import { ApiError } from './http'

/** A stream with not even a keep-alive for this long is dead, whatever the browser believes. */
const SILENCE_MS = 50_000
/** A stream that lived this long has proved that the way is open. */
const PROVEN_MS = 5_000

export interface Listener {
  event(event: DeskEvent): void
  connected(connected: boolean): void
}

type Open = (lastEventId: string | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>

export class EventStream {
  readonly #open: Open
  readonly #on: Listener
  readonly #stopped = new AbortController()
  #listening: AbortController | null = null
  #wake: (() => void) | null = null
  #lastId: string | null = null

  constructor(open: Open, on: Listener) {
    this.#open = open
    this.#on = on
  }

  stop(): void {
    this.#stopped.abort()
    this.refresh()
  }

  /** Try now: the network or the page came back. */
  refresh(): void {
    this.#listening?.abort()
    this.#wake?.()
  }

  /** Until stopped, or until the session has ended. */
  async run(): Promise<void> {
    let failures = 0
    while (!this.#stopped.signal.aborted) {
      const began = Date.now()
      let asked: number | null = null
      try {
        await this.#listen()
        failures = 0
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return
        if (error instanceof ApiError) asked = error.retryAfter
        failures = Date.now() - began >= PROVEN_MS ? 1 : failures + 1
      }
      if (this.#stopped.signal.aborted) return
      this.#on.connected(false)
      await this.#pause(asked !== null ? asked * 1000 : failures ? backOff(failures, Math.random()) : 250)
    }
  }

  async #listen(): Promise<void> {
    const listening = new AbortController()
    this.#listening = listening
    let silence: ReturnType<typeof setTimeout> | undefined
    const alive = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => listening.abort(), SILENCE_MS)
    }
    alive()
    try {
      const body = await this.#open(this.#lastId, listening.signal)
      this.#on.connected(true)
      const reader = body.getReader()
      const decoder = new TextDecoder()
      const parse = eventParser(({ event, data, id }) => {
        if (id !== null) this.#lastId = id
        this.#handle(event, data)
      })
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        alive()
        parse(decoder.decode(value, { stream: true }))
      }
    } catch (error) {
      if (!listening.signal.aborted) throw error
    } finally {
      clearTimeout(silence)
      this.#listening = null
    }
  }

  #handle(name: string, data: string): void {
    let event: DeskEvent
    try {
      const body = JSON.parse(data) as Partial<DeskEvent>
      event = { ...body, type: body.type ?? name } as DeskEvent
    } catch {
      // Half an event is worse than none: read everything again.
      event = { type: 'resync' }
    }
    this.#on.event(event)
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
