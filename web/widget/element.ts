import { Api } from './api'
import type { Language } from './contract'
import { Session } from './session'
import { Speaker } from './speech'
import { cursor, unreadCount } from './state'
import { Store } from './store'
import { knownLanguages, primaryCode, Words } from './texts'
import { download, transcript } from './transcript'
import { Announcer } from './view/announcer'
import { ComposerView } from './view/composer'
import { ConfirmView } from './view/confirm'
import { ContinueView } from './view/continue'
import { h, set } from './view/dom'
import { HeaderView } from './view/header'
import { LauncherView } from './view/launcher'
import { LogView } from './view/log'
import { PanelView } from './view/panel'
import { printConversation } from './view/print'
import { StatusView } from './view/status'
import { Wording } from './wording'
import css from './widget.css?inline'

/** A hidden page gives up its connection after this long. */
const HIDDEN_MS = 60_000
/** Hidden for longer than this, the connection is tried anew. */
const ASLEEP_MS = 10_000

/** Where widget.js came from: the gateway, unless the page says otherwise. Set once by main.ts. */
let defaultBase = ''
export function setDefaultBase(base: string): void {
  defaultBase = base
}

/** <borger-guide lang api open>: wires the session to the views. */
export class BorgerGuide extends HTMLElement {
  static readonly observedAttributes = ['open', 'lang']

  readonly #root = this.attachShadow({ mode: 'open' })
  readonly #viewport = new CSSStyleSheet()
  #connected: AbortController | null = null
  #api!: Api
  #store!: Store
  #session!: Session
  #words!: Words
  #wording!: Wording
  #languages: Language[] = []
  #languagesAsked = false
  /** Can the conversation go on by text message? Null until the server has told. */
  #texting: boolean | null = null
  #frame = 0
  #ready = false

  readonly #announcer = new Announcer()
  readonly #speaker = new Speaker(() => this.#render())
  readonly #launcher = new LauncherView(() => this.#setOpen(true, true))
  readonly #header = new HeaderView({
    language: (code) => this.#chooseLanguage(code),
    continue: () => this.#continue.show(),
    transcript: () => this.#download(),
    print: () => printConversation(this.#session.state.messages, this.#words),
    remove: () => this.#confirm.show(),
    close: () => this.#setOpen(false, true),
  })
  readonly #log = new LogView({
    choose: (choice) => {
      this.#session.choose(choice)
      this.#log.toEnd()
      this.#focusToGoOn()
    },
    retry: (clientId) => this.#session.retry(clientId),
    edit: (clientId) => {
      const text = this.#session.withdraw(clientId)
      this.#composer.fill([text, this.#composer.input.value].filter(Boolean).join('\n'))
      this.#composer.input.focus()
    },
    rate: (messageId, helpful) => void this.#session.rate(messageId, helpful),
    read: (message) => this.#speaker.toggle(message.id, message.text, message.language ?? this.#words.code),
  })
  readonly #status = new StatusView({
    restart: () => {
      void this.#restart()
    },
    announce: (text) => this.#announce(text),
  })
  readonly #composer = new ComposerView({
    write: (text) => {
      this.#session.write(text)
      this.#log.toEnd()
    },
    draft: (draft) => {
      this.#store.write({ draft })
      if (draft) this.#session?.typing()
    },
    announce: (text) => this.#announce(text),
  })
  readonly #confirm = new ConfirmView(
    () => {
      this.#speaker.stop()
      return this.#session.remove()
    },
    (removed) => {
      if (!removed) return this.#header.menuButton.focus()
      this.#composer.fill('')
      this.#renderNow()
      this.#status.focusRestart()
    },
  )
  readonly #continue = new ContinueView({
    request: (number) => this.#session.requestCode(number),
    confirm: (code) => this.#session.confirmCode(code),
    closed: (cancelled) => (cancelled ? this.#header.menuButton.focus() : this.#focusToGoOn()),
  })
  readonly #panel = new PanelView(
    [
      this.#header.element,
      h('div', { class: 'middle' }, this.#log.element, this.#log.more),
      this.#status.element,
      this.#composer.element,
      this.#confirm.element,
      this.#continue.element,
    ],
    () => this.#escape(),
  )
  readonly #body = h('div', { class: 'guide' }, this.#launcher.element, this.#panel.element, this.#announcer.element)

  constructor() {
    super()
    const look = new CSSStyleSheet()
    look.replaceSync(css)
    this.#root.adoptedStyleSheets = [look, this.#viewport]
    this.#root.append(this.#body)
  }

  /** Also for the page's own buttons: document.querySelector('borger-guide').open = true */
  get open(): boolean {
    return this.hasAttribute('open')
  }

  set open(open: boolean) {
    this.toggleAttribute('open', open)
  }

  connectedCallback(): void {
    this.#connected = new AbortController()
    const { signal } = this.#connected
    const base = new URL(this.getAttribute('api') || defaultBase || location.origin, location.href).href
    this.#api = new Api(base)
    this.#store = new Store(this.#api.base)
    const kept = this.#store.read()
    this.#languages = kept.languages.length ? kept.languages : knownLanguages()
    this.#wording = new Wording(this.#api, this.#store, () => this.#speak(this.#words.language))
    this.#speak(kept.language ?? this.#pageLanguage())
    this.#session = new Session(this.#api, this.#store, this.#words.language, {
      changed: () => this.#render(),
      arrived: (messages) => {
        if (this.open) this.#announcer.messages(messages, this.#words)
      },
      present: () => this.open,
      language: (code) => this.#speak(code),
    })
    this.#composer.fill(kept.draft)
    this.#listen(signal)
    this.#ready = true
    this.#renderNow()
    // What the citizen did last in this tab goes before what the page wants.
    this.#setOpen(this.#store.open ?? this.open, false)
    if (this.#session.started) void this.#askLanguages()
  }

  disconnectedCallback(): void {
    this.#ready = false
    this.#connected?.abort()
    this.#session.dispose()
    this.#speaker.stop()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.#ready || before === after) return
    if (name === 'open') this.#setOpen(after !== null, false)
    else if (!this.#store.read().language) this.#speak(this.#pageLanguage())
  }

  #pageLanguage(): string {
    return primaryCode(this.lang || document.documentElement.lang || navigator.language || 'da')
  }

  #listen(signal: AbortSignal): void {
    let hidden: ReturnType<typeof setTimeout> | undefined
    let since = 0
    const seen = (): void => {
      clearTimeout(hidden)
      if (document.hidden) {
        since = Date.now()
        hidden = setTimeout(() => this.#session.pause(), HIDDEN_MS)
      } else {
        // After a glance at another tab the connection is as it was; after a sleep it may be dead.
        if (Date.now() - since > ASLEEP_MS) this.#session.wake()
        this.#render()
      }
    }
    document.addEventListener('visibilitychange', seen, { signal })
    addEventListener('pagehide', () => (this.#speaker.stop(), this.#session.pause()), { signal })
    addEventListener('pageshow', (event) => event.persisted && this.#session.wake(), { signal })
    // A click elsewhere closes the menu, as everywhere.
    addEventListener(
      'pointerdown',
      (event) => {
        if (this.#header.menuOpen && !this.#header.contains(event.composedPath()[0])) this.#header.toggleMenu(false)
      },
      { signal },
    )
    if ('speechSynthesis' in globalThis) {
      // Voices come late; only then is it known which languages can be read aloud.
      speechSynthesis.addEventListener?.('voiceschanged', () => this.#render(), { signal })
    }
    // A phone's keyboard covers the lower half of the layout; the visual viewport is what is left.
    const view = globalThis.visualViewport
    const fit = (): void =>
      this.#viewport.replaceSync(view && view.scale === 1 ? `:host{--view-height:${Math.round(view.height)}px}` : '')
    view?.addEventListener('resize', fit, { signal })
    fit()
  }

  #setOpen(open: boolean, byCitizen: boolean): void {
    const was = !this.#panel.element.hidden
    // Before the attribute: its callback comes back here and must find nothing left to do.
    this.#panel.element.hidden = !open
    this.toggleAttribute('open', open)
    if (open === was) return
    this.#launcher.element.hidden = open
    set(this.#launcher.element, 'aria-expanded', String(open))
    if (byCitizen) this.#store.open = open
    if (open) {
      this.#wording.want(this.#words.language)
      void this.#askLanguages()
      void this.#askChannels()
      // Deleted means deleted: a new conversation begins when the citizen asks for it.
      if (this.#session.state.notice?.kind !== 'deleted') void this.#session.start()
      this.#renderNow()
      this.#log.toEnd()
      // A page that opens the panel by itself must not take the focus from what the citizen does.
      if (byCitizen) this.#composer.input.focus()
    } else {
      this.#speaker.stop()
      this.#header.toggleMenu(false)
      this.#confirm.element.hidden = true
      this.#continue.hide()
      if (byCitizen) this.#launcher.element.focus()
    }
  }

  #escape(): void {
    if (!this.#header.menuOpen) return this.#setOpen(false, true)
    this.#header.toggleMenu(false)
    this.#header.menuButton.focus()
  }

  async #restart(): Promise<void> {
    // The button disappears; the field is where one goes on.
    this.#composer.input.focus()
    this.#session.clearNotice()
    await this.#session.start()
  }

  /** On a phone the field would raise the keyboard over the answer. */
  #focusToGoOn(): void {
    if (matchMedia('(pointer: coarse)').matches) this.#log.focus()
    else this.#composer.input.focus()
  }

  async #askLanguages(): Promise<void> {
    if (this.#languagesAsked) return
    this.#languagesAsked = true
    try {
      const languages = await this.#api.languages()
      if (!languages.length) return
      this.#languages = languages
      this.#store.write({ languages })
      this.#speak(this.#words.language)
    } catch {
      // The known ones stay; the next opening asks again.
      this.#languagesAsked = false
    }
  }

  async #askChannels(): Promise<void> {
    if (this.#texting !== null) return
    try {
      this.#texting = (await this.#api.channels()).includes('sms')
      this.#render()
    } catch {
      // The chat is whole without it; the next opening asks again.
    }
  }

  #chooseLanguage(code: string): void {
    this.#store.write({ language: code })
    this.#speak(code)
    void this.#session.setLanguage(code)
  }

  /** Changes the interface, not the conversation; once more when its texts arrive. */
  #speak(code: string): void {
    this.#wording.want(code)
    this.#words = new Words(code, this.#languages)
    this.#render()
  }

  #download(): void {
    const { messages } = this.#session.state
    download(transcript(messages, this.#words), `borgerguide-${new Date().toISOString().slice(0, 10)}.txt`)
  }

  #announce(text: string): void {
    if (this.open) this.#announcer.say(text)
  }

  /** Many events, one rendering. A timer, because frames stop in hidden tabs. */
  #render(): void {
    if (!this.#ready || this.#frame) return
    this.#frame = window.setTimeout(() => this.#renderNow(), 16)
  }

  #renderNow(): void {
    clearTimeout(this.#frame)
    this.#frame = 0
    if (!this.#ready) return
    const { state } = this.#session
    const words = this.#words
    set(this.#body, 'lang', words.code)
    set(this.#body, 'dir', words.direction)
    if (this.open && !document.hidden && cursor(state) > this.#store.read().read) this.#store.write({ read: cursor(state) })
    this.#launcher.update(words, this.open ? 0 : unreadCount(state, this.#store.read().read))
    this.#header.update(words, this.#languages, state.messages.length > 0, this.#texting === true)
    this.#log.update(state, words, this.#speaker.reading)
    this.#status.update(state, words)
    this.#composer.update(words)
    this.#confirm.update(words)
    this.#continue.update(words)
  }
}
