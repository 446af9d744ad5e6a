import { type Api, ApiError } from './api'
import type { Choice, Credentials, Message, Page } from './contract'
import { newId } from './ids'
import {
  compose,
  cursor,
  EMPTY,
  type Event,
  nextToSend,
  type Pending,
  reduce,
  type State,
} from './state'
import type { Store } from './store'
import { backOff, Stream } from './stream'

export interface SessionListeners {
  changed(): void
  /** New messages from others that came while the citizen was here: worth saying aloud. */
  arrived(messages: Message[]): void
  /** Is the citizen here, with the panel open? */
  present(): boolean
  /** The conversation is now in this language. */
  language(code: string): void
}

/** How often a message is tried again by itself when the server is there but does not work. */
const SERVER_TRIES = 3
/** A member of staff who has not been seen writing for this long is not writing. */
const TYPING_MS = 6_000
/** How often it is told that the citizen writes. */
const TYPING_EVERY_MS = 4_000
/** In these somebody is there to see it. */
const WITH_A_PERSON = ['assigned', 'waiting_citizen']
/** The stream should have brought our own message back by then. */
const ECHO_MS = 5_000

/** One citizen's conversation in one tab: decides when to start, send, try again and give up. */
export class Session {
  state: State = EMPTY
  #api: Api
  #store: Store
  #on: SessionListeners
  #who: Credentials | null = null
  #stream: Stream | null = null
  /** True until the first page of a continued conversation: old messages are not news. */
  #replaying = false
  #starting: Promise<void> | null = null
  #flushing = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #quiet: ReturnType<typeof setTimeout> | undefined
  #typed = 0
  #serverTries = 0
  #networkTries = 0
  #restarts = 0
  /** The language to start in; after that, one the server has not been told yet. */
  #language: string
  #languageUntold = false
  #telling: Promise<void> = Promise.resolve()
  #disposed = new AbortController()

  constructor(api: Api, store: Store, language: string, on: SessionListeners) {
    this.#api = api
    this.#store = store
    this.#language = language
    this.#on = on
    const kept = store.read()
    this.#apply({
      type: 'restored',
      // Whether they got through before the page went is unknown; the same client id makes asking again safe.
      pending: kept.pending.map((p) => (p.delivery === 'failed' ? p : { ...p, delivery: 'queued', shadowed: false })),
      ratings: kept.ratings,
    })
    const { signal } = this.#disposed
    store.watch(() => this.#otherTab(), signal)
    addEventListener('online', () => this.wake(), { signal })
    addEventListener(
      'offline',
      () => {
        if (this.#who) this.#connected(false)
        this.#stream?.refresh()
      },
      { signal },
    )
    if (kept.conversation) this.#follow(kept.conversation, true)
  }

  get started(): boolean {
    return this.#who !== null
  }

  dispose(): void {
    this.#disposed.abort()
    clearTimeout(this.#timer)
    clearTimeout(this.#quiet)
    this.pause()
  }

  /** Stops listening while nobody can see the page; open connections are few and keep a page out of the back cache. */
  pause(): void {
    this.#stream?.stop()
    this.#stream = null
  }

  wake(): void {
    if (this.#disposed.signal.aborted) return
    if (this.#who && !this.#stream) this.#listen()
    else this.#stream?.refresh()
    this.#networkTries = 0
    this.#flushSoon(0)
  }

  /** Makes sure that there is a conversation. The server then says welcome by itself. */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => (this.#starting = null))
    return this.#starting
  }

  /** The citizen is writing. A sign that does not arrive is none: nothing is tried again. */
  typing(): void {
    if (!this.#who || !WITH_A_PERSON.includes(this.state.phase) || Date.now() - this.#typed < TYPING_EVERY_MS) return
    this.#typed = Date.now()
    this.#api.typing(this.#who).catch(() => {})
  }

  clearNotice(): void {
    this.#apply({ type: 'notice', notice: null })
  }

  write(text: string): void {
    this.#compose({ text }, text)
  }

  choose(choice: Choice): void {
    this.#compose({ choice: choice.choice }, choice.title)
  }

  retry(clientId: string): void {
    this.#serverTries = 0
    // The same client id: if the first attempt did arrive, it stays one message.
    this.#apply({ type: 'waiting', clientId })
    this.#stream?.refresh()
    this.#flushSoon(0)
  }

  /** Takes a failed message back, so that the citizen can change it. */
  withdraw(clientId: string): string {
    const shown = this.state.pending.find((p) => p.clientId === clientId)?.shown ?? ''
    this.#store.dropPending(clientId)
    this.#apply({ type: 'withdrawn', clientId })
    return shown
  }

  async rate(messageId: string, helpful: boolean): Promise<void> {
    if (!this.#who) return
    // Kept at once: the citizen may leave the page before the answer is here.
    const note = (verdict: boolean | null): void => {
      this.#apply({ type: 'rated', messageId, helpful: verdict })
      this.#store.write({ ratings: this.state.ratings })
    }
    note(helpful)
    try {
      await this.#api.rate(this.#who, messageId, helpful)
    } catch {
      // When the page goes, its requests fail here but go on their way all the same.
      if (this.#stream) note(null)
    }
  }

  async setLanguage(code: string): Promise<void> {
    this.#language = code
    if (!this.#who) return
    this.#languageUntold = true
    await this.#tellLanguage()
  }

  /** True when the conversation is deleted, here and there. */
  async remove(): Promise<boolean> {
    if (this.#who) {
      try {
        await this.#api.remove(this.#who)
      } catch (error) {
        if (!(error instanceof ApiError && error.failure === 'gone')) return false
      }
    }
    this.#end(false)
    this.#apply({ type: 'notice', notice: { kind: 'deleted' } })
    return true
  }

  /** Sends a code to a phone. Null, or what was wrong. */
  requestCode(number: string): Promise<ApiError | null> {
    return this.#ask((who) => this.#api.requestCode(who, 'sms', number))
  }

  /** With the right code the conversation goes on there too. Null, or what was wrong. */
  confirmCode(code: string): Promise<ApiError | null> {
    return this.#ask((who) => this.#api.confirmCode(who, code))
  }

  async #ask(request: (who: Credentials) => Promise<void>): Promise<ApiError | null> {
    const who = this.#who
    // Another tab has deleted it.
    if (!who) return new ApiError('gone')
    try {
      await request(who)
      return null
    } catch (error) {
      const problem = error instanceof ApiError ? error : new ApiError('network')
      if (problem.failure === 'gone' && who === this.#who) this.#gone()
      return problem
    }
  }

  #apply(event: Event): void {
    const next = reduce(this.state, event)
    if (next === this.state) return
    this.state = next
    this.#on.changed()
  }

  async #start(): Promise<void> {
    if (this.#who || this.#disposed.signal.aborted) return
    this.#apply({ type: 'connection', connection: 'starting' })
    for (let failures = 0; !this.#disposed.signal.aborted; ) {
      try {
        await exclusively(async () => {
          // Another tab may have started it while this one waited.
          const other = this.#store.read().conversation
          if (this.#who) return
          if (other) return this.#follow(other, true)
          this.#follow(await this.#create(), false)
        })
        return
      } catch (error) {
        failures++
        const { failure, retryAfter, sentence } = error as ApiError
        if (failure === 'limited') this.#apply({ type: 'notice', notice: { kind: 'limited', sentence } })
        else this.#apply({ type: 'connection', connection: 'lost' })
        await this.#until(retryAfter === null || retryAfter === undefined ? backOff(failures, Math.random()) : retryAfter * 1000)
      }
    }
  }

  async #create(): Promise<Credentials> {
    let who: Credentials
    const language = this.#language
    try {
      who = await this.#api.start(language)
    } catch (error) {
      // The page may be in a language the guide does not speak; then the server picks one.
      if (!(error instanceof ApiError && error.failure === 'rejected')) throw error
      who = await this.#api.start(null)
    }
    // The citizen may have chosen another one while we asked.
    this.#languageUntold = language !== this.#language
    this.#store.write({ conversation: who, read: 0, ratings: {} })
    return who
  }

  #follow(who: Credentials, replaying: boolean): void {
    this.#who = who
    this.#replaying = replaying
    if (this.state.connection !== 'lost') this.#apply({ type: 'connection', connection: 'starting' })
    this.#listen()
  }

  #listen(): void {
    const who = this.#who
    if (!who) return
    const stream = new Stream(this.#api, who, {
      cursor: () => cursor(this.state),
      page: (page) => this.#page(page),
      message: (message) => this.#received([message]),
      typing: (typing) => this.#apply({ type: 'typing', typing }),
      staffWrites: () => this.#staffWrites(),
      progress: (phase, language) => this.#progress(phase, language),
      connected: (connected) => this.#connected(connected),
      gone: () => this.#gone(),
    })
    this.#stream = stream
    void stream.run()
  }

  #staffWrites(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#apply({ type: 'staffTyping', typing: false }), TYPING_MS)
    this.#apply({ type: 'staffTyping', typing: true })
  }

  #page(page: Page): void {
    this.#received(page.messages)
    this.#replaying = false
    this.#restarts = 0
    this.#apply({ type: 'typing', typing: page.typing })
    this.#progress(page.state, page.language ?? undefined)
  }

  #received(messages: Message[]): void {
    const known = new Set(this.state.messages.map((message) => message.id))
    this.#apply({ type: 'received', messages })
    const fresh = messages.filter((message) => !known.has(message.id) && message.author !== 'citizen')
    if (fresh.length && !this.#replaying) this.#on.arrived(fresh)
  }

  #progress(phase: string | undefined, language: string | undefined): void {
    if (phase) this.#apply({ type: 'phase', phase })
    // An answer from before the citizen's own choice must not undo it.
    if (!language || this.#languageUntold || language === this.#language) return
    this.#language = language
    this.#on.language(language)
  }

  #connected(connected: boolean): void {
    const before = this.state.connection
    this.#apply({ type: 'connection', connection: connected ? 'online' : 'lost' })
    if (!connected) return
    if (this.#languageUntold) void this.#tellLanguage()
    // Only when it is news: otherwise each poll would cut short the wait that a busy server asked for.
    if (before !== 'online') this.#flushSoon(0)
  }

  /** One at a time, so that the last choice is also the last to arrive. */
  #tellLanguage(): Promise<void> {
    return (this.#telling = this.#telling.then(() => this.#tell()))
  }

  async #tell(): Promise<void> {
    if (!this.#who || !this.#languageUntold) return
    const code = this.#language
    try {
      await this.#api.setLanguage(this.#who, code)
    } catch (error) {
      // Not delivered: #connected tries again. Refused: leave the conversation in its language.
      if (error instanceof ApiError && ['network', 'server', 'limited'].includes(error.failure)) return
    }
    if (code === this.#language) this.#languageUntold = false
  }

  #compose(content: Pending['content'], shown: string): void {
    const pending = compose(content, shown, newId(), new Date().toISOString())
    this.#store.keepPending(pending)
    // The next word is news again.
    this.#typed = 0
    this.#apply({ type: 'composed', pending })
    void this.#flush()
  }

  #flushSoon(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#flush(), ms)
  }

  /** Sends what is pending, one message at a time, so that they arrive in the order they were written. */
  async #flush(): Promise<void> {
    if (this.#flushing || this.#disposed.signal.aborted) return
    this.#flushing = true
    try {
      for (let next = nextToSend(this.state); next; next = nextToSend(this.state)) {
        if (!this.#who) await this.start()
        // The answer should come in the language that was chosen before the question.
        await this.#telling
        const who = this.#who
        if (!who || this.#disposed.signal.aborted) return
        if (!(await this.#deliver(who, next))) return
      }
    } finally {
      this.#flushing = false
    }
  }

  /** False when sending has to pause. */
  async #deliver(who: Credentials, pending: Pending): Promise<boolean> {
    const { clientId } = pending
    this.#apply({ type: 'sending', clientId })
    try {
      const { message_id } = await this.#api.send(who, pending.content, clientId, this.#disposed.signal)
      this.#store.dropPending(clientId)
      this.#networkTries = this.#serverTries = 0
      if (this.state.notice?.kind === 'limited') this.clearNotice()
      this.#apply({ type: 'sent', clientId, messageId: message_id })
      this.#expectEcho(message_id)
      return true
    } catch (error) {
      // Deleted or replaced meanwhile: the answer is about a conversation that is no longer ours.
      if (who !== this.#who) return true
      return this.#undelivered(clientId, error instanceof ApiError ? error : new ApiError('network'))
    }
  }

  #undelivered(clientId: string, error: ApiError): boolean {
    switch (error.failure) {
      case 'rejected':
        this.#fail(clientId, error.sentence)
        return true
      case 'gone':
        this.#gone()
        return true
      case 'limited':
        this.#apply({ type: 'waiting', clientId })
        this.#apply({ type: 'notice', notice: { kind: 'limited', sentence: error.sentence } })
        this.#flushSoon((error.retryAfter ?? 5) * 1000)
        return false
      case 'server':
        if (++this.#serverTries > SERVER_TRIES) {
          this.#serverTries = 0
          this.#fail(clientId, error.sentence)
          return true
        }
        this.#apply({ type: 'waiting', clientId })
        this.#flushSoon(error.retryAfter !== null ? error.retryAfter * 1000 : backOff(this.#serverTries, Math.random()))
        return false
      case 'network':
        this.#apply({ type: 'waiting', clientId })
        this.#flushSoon(backOff(++this.#networkTries, Math.random()))
        // The stream may not have noticed yet; its next request tells whether all is lost.
        if (this.#networkTries === 1) this.#stream?.refresh()
        return false
    }
  }

  #fail(clientId: string, reason: string | null): void {
    this.#apply({ type: 'failed', clientId, reason })
    const failed = this.state.pending.find((p) => p.clientId === clientId)
    if (failed) this.#store.keepPending(failed)
  }

  /** If the stream does not bring what the server has confirmed, the stream is not to be relied on. */
  #expectEcho(messageId: string): void {
    const stream = this.#stream
    setTimeout(() => {
      const arrived = this.state.messages.some((message) => message.id === messageId)
      if (!arrived && stream === this.#stream) stream?.distrust()
    }, ECHO_MS)
  }

  #gone(): void {
    if (!this.#who) return
    this.#end(true)
    this.#apply({ type: 'notice', notice: { kind: 'gone' } })
    // Nobody is waiting: the next opening starts a new one.
    if (!this.#on.present() && !nextToSend(this.state)) return
    // A server that forgets at once must not make us start conversations without end.
    setTimeout(() => void this.start().then(() => this.#flush()), this.#restarts++ ? backOff(this.#restarts, 0.5) : 0)
  }

  #end(keepTexts: boolean): void {
    this.pause()
    clearTimeout(this.#timer)
    this.#who = null
    this.#languageUntold = false
    this.#apply({ type: 'ended', keepTexts })
    this.#store.write({
      conversation: null,
      pending: this.state.pending,
      ratings: {},
      read: 0,
      ...(keepTexts ? {} : { draft: '' }),
    })
  }

  /** Another tab started, deleted or replaced the conversation: do the same here. */
  #otherTab(): void {
    const theirs = this.#store.read().conversation
    if (theirs?.id === this.#who?.id) return
    this.pause()
    const deleted = this.#who !== null && !theirs
    this.#who = null
    this.#apply({ type: 'ended', keepTexts: Boolean(theirs) })
    if (theirs) this.#follow(theirs, true)
    else if (deleted) this.#apply({ type: 'notice', notice: { kind: 'deleted' } })
  }

  /** Waits, or until the network is said to be back. */
  #until(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      const now = (): void => {
        clearTimeout(timer)
        resolve()
      }
      addEventListener('online', now, { once: true })
      this.#disposed.signal.addEventListener('abort', now, { once: true })
    })
  }
}

/** One tab of a site at a time, where the browser can do that; else two tabs may start one each. */
async function exclusively(work: () => Promise<void>): Promise<void> {
  if ('locks' in navigator) await navigator.locks.request('borger-guide-start', work)
  else await work()
}
