/** The whole desk, without a page: what is shown, what happens, and who is told. */
import { computed, signal } from '@preact/signals'
import { type Action, Api } from '../api'
import type { Conversation, DeskEvent, ListName, Me, Message, Outcome, Presence, Team } from '../contract'
import { EventStream } from '../events'
import { ApiError } from '../http'
import { asUiLanguage, coded, count, language, t, type UiLanguage } from '../i18n'
import { type Draft, Drafts } from './drafts'
import { Kept, safeArea } from './kept'
import { Lists } from './lists'
import { Notices } from './notices'
import { Opened } from './opened'
import { Outbox, type Unsent } from './outbox'
import { Preferences, STANDARD } from './preferences'
import { Session } from './session'
import { Commands } from './shortcuts'
import { playSound } from './sound'
import { byOneTab, type News, Tabs } from './tabs'

const PREFIX = 'borger-desk'
/** Events come in bunches: one reading answers them all. */
const SETTLE_MS = 250
const BEAT_MS = 30_000
/** Without a key or a movement for so long nobody sits there, and no heartbeat says otherwise. */
const IDLE_MS = 10 * 60_000
const TYPING_EVERY_MS = 4_000
const SPOKEN = 240

export class Desk {
  readonly api: Api
  readonly session: Session
  readonly lists: Lists
  readonly opened: Opened
  readonly drafts: Drafts
  readonly outbox: Outbox
  readonly preferences: Preferences
  readonly notices: Notices
  readonly commands = new Commands()
  /** null: not known yet. */
  readonly connected = signal<boolean | null>(null)
  /** All teams: names to show, and where a conversation can go. */
  readonly teams = signal<Team[]>([])
  readonly now = signal(Date.now())
  /** An action is on its way: a second press would be one too many. */
  readonly busy = signal(false)
  readonly unread = computed(() => {
    const shown = this.lists.shown.value
    return shown?.name === 'mine' ? shown.items.reduce((sum, item) => sum + item.unread, 0) : 0
  })
  readonly #tabs: Tabs
  readonly #area = safeArea(() => localStorage)
  readonly #keptDrafts = new Kept<Record<string, Draft>>(this.#area, `${PREFIX} drafts`, {})
  readonly #keptOutbox = new Kept<Unsent[]>(this.#area, `${PREFIX} outbox`, [])
  #stream: EventStream | null = null
  #settle: ReturnType<typeof setTimeout> | undefined
  #reload = false
  #beat: ReturnType<typeof setInterval> | undefined
  #active = Date.now()
  #typed = 0
  #read = { id: '', seq: 0 }
  #waiting: number | null = null

  constructor(api = new Api(), tabs = new Tabs()) {
    this.api = api
    this.#tabs = tabs
    tabs.hear((news) => this.#heard(news))
    this.session = new Session(api)
    this.notices = new Notices((n) => count('news_messages', n))
    this.lists = new Lists((name, after) => api.list(name, after))
    this.opened = new Opened(api, (messages) => this.#arrived(messages))
    this.drafts = new Drafts(this.#keptDrafts)
    this.outbox = new Outbox(this.#keptOutbox, {
      send: ({ conversation, text, clientId, card }) =>
        api.say(conversation, {
          text,
          client_message_id: clientId,
          ...(card ? { card: { service: card.service } } : {}),
        }),
      sent: ({ conversation }) => (conversation === this.opened.id.value ? this.opened.catchUp() : undefined),
    })
    this.preferences = new Preferences(new Kept(this.#area, `${PREFIX} preferences`, STANDARD))
  }

  get me(): Me | null {
    return this.session.me.value
  }

  // Coming and going.

  async start(): Promise<void> {
    await this.session.load()
    if (this.session.standing.value === 'in') this.#enter()
  }

  async signIn(email: string, password: string, totp: string): Promise<void> {
    await this.session.signIn(email, password, totp)
    this.#enter()
    this.#tabs.tell({ kind: 'signed-in' })
  }

  /** Leaves nothing of citizens in this browser. */
  async signOut(): Promise<void> {
    await this.api.signOut().catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
    })
    this.#forget()
    this.session.close()
    this.#tabs.tell({ kind: 'signed-out' })
  }

  #enter(): void {
    const me = this.me!
    language.value = asUiLanguage(me.member.ui_language)
    // By member: on a shared computer nobody finds another's drafts, nor sends their replies.
    this.#keptDrafts.rename(`${PREFIX} drafts ${me.member.id}`)
    this.#keptOutbox.rename(`${PREFIX} outbox ${me.member.id}`)
    this.drafts.reload()
    this.outbox.reload()
    this.#halt()
    const stream = new EventStream((last, signal) => this.api.events(last, signal), {
      event: (event) => this.hear(event),
      connected: (connected) => this.#connected(connected),
    })
    this.#stream = stream
    void stream.run()
    this.#beat = setInterval(() => this.#tick(), BEAT_MS)
    void this.outbox.flush()
    void this.lists.refresh()
    void this.opened.reload()
    void this.loadTeams()
  }

  #halt(): void {
    this.#stream?.stop()
    this.#stream = null
    clearInterval(this.#beat)
    clearTimeout(this.#settle)
    this.#settle = undefined
    this.connected.value = null
  }

  #forget(): void {
    this.#halt()
    this.drafts.clear()
    this.outbox.clear()
    this.lists.forget()
    this.notices.dismiss()
    this.teams.value = []
    this.#waiting = null
    void this.opened.open(null)
  }

  stop(): void {
    this.#halt()
    this.#tabs.close()
  }

  /** Somebody sits there. */
  touched(): void {
    const slept = Date.now() - this.#active > IDLE_MS
    this.#active = Date.now()
    if (slept && this.session.standing.value === 'in') this.#tick()
  }

  /** The network, or the page, is back. */
  awake(): void {
    this.now.value = Date.now()
    if (this.session.standing.value === 'away') void this.start()
    else if (this.session.standing.value === 'in') {
      if (this.connected.value === false) this.#stream?.refresh()
      void this.outbox.flush()
    }
  }

  /** The browser says that the network is gone. A stream that is open would not notice for a while. */
  cutOff(): void {
    this.#stream?.refresh()
  }

  /** Another tab has written to the storage that both share. */
  stored(): void {
    this.drafts.reload()
    this.outbox.reload()
    this.preferences.reload()
  }

  #tick(): void {
    this.now.value = Date.now()
    if (this.session.standing.value !== 'in') return this.#halt()
    if (Date.now() - this.#active < IDLE_MS) void this.api.heartbeat().catch(() => {})
  }

  // What the server and the other tabs tell.

  hear(event: DeskEvent): void {
    switch (event.type) {
      case 'resync':
        this.#refresh(true)
        break
      case 'conversation': {
        const mine = event.id === this.opened.id.value
        const known = this.opened.detail.value?.conversation.version ?? -1
        this.#refresh(mine && (event.version === undefined || event.version > known))
        break
      }
      case 'message':
        if (event.conversation === this.opened.id.value && event.seq > this.opened.lastSeq.value) {
          void this.opened.catchUp()
        }
        this.#refresh(false)
        break
      case 'typing':
        if (event.conversation === this.opened.id.value && event.who === 'citizen') {
          if (this.opened.hearTyping()) this.notices.say(t('citizen_types'))
        }
        break
      case 'presence':
        if (event.member === this.me?.member.id && event.state) this.session.presence.value = event.state
        break
      case 'counts':
        if (event.counts) this.#counted(event.counts.waiting)
        this.lists.count(event.counts ?? {})
        break
    }
  }

  #connected(connected: boolean): void {
    const before = this.connected.value
    this.connected.value = connected
    if (before === connected) return
    if (!connected && before) this.notices.say(t('lost'))
    if (connected) {
      void this.outbox.flush()
      if (before === false) {
        this.notices.say(t('back'))
        // Whatever the stream replays, what is on the screen is then right for certain.
        this.#refresh(false)
        void this.opened.catchUp()
      }
    }
  }

  #refresh(opened: boolean): void {
    this.#reload ||= opened
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined
      const reload = this.#reload
      this.#reload = false
      void this.lists.refresh().then(() => this.#counted(this.lists.counts.value.waiting))
      if (reload) void this.opened.reload()
    }, SETTLE_MS)
  }

  /** More are waiting than before: that is worth a sound. */
  #counted(waiting: number | undefined): void {
    if (waiting === undefined) return
    if (this.#waiting !== null && waiting > this.#waiting) {
      this.notices.news(t('news_waiting'))
      this.#ring()
    }
    this.#waiting = waiting
  }

  #arrived(messages: Message[]): void {
    const heard = messages.filter((message) => message.author === 'citizen')
    for (const message of heard) {
      this.notices.news(t('news_citizen', { text: message.text.slice(0, SPOKEN) }))
    }
    if (heard.length) this.#ring()
  }

  /** Once, however many tabs there are. */
  #ring(): void {
    if (!this.preferences.chosen.value.sound) return
    void byOneTab('sound', async () => {
      playSound()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    })
  }

  #heard(news: News): void {
    switch (news.kind) {
      case 'signed-in':
        void this.start()
        break
      case 'signed-out':
        this.#forget()
        this.session.close()
        break
    }
  }

  // What the member does.

  /** Runs one action; says what became of it. Gives whether it worked. */
  async attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (this.busy.value) return false
    this.busy.value = true
    try {
      await work()
      if (done) this.notices.done(done)
      else this.notices.dismiss()
      return true
    } catch (error) {
      this.notices.problem(sentenceOf(error))
      return false
    } finally {
      this.busy.value = false
    }
  }

  /** As `attempt`, on a conversation: what is shown is read again, however it ends. */
  async #on(work: () => Promise<unknown>, done: string): Promise<boolean> {
    const worked = await this.attempt(work, done)
    await Promise.all([this.opened.reload(), this.lists.refresh()])
    return worked
  }

  /** Of several who press at once exactly one gets it; the others hear who. */
  async claim(id: string): Promise<boolean> {
    if (this.busy.value) return false
    this.busy.value = true
    let problem: unknown = null
    try {
      await this.api.act(id, 'claim')
    } catch (error) {
      problem = error
    } finally {
      this.busy.value = false
    }
    await Promise.all([this.opened.reload(), this.lists.refresh()])
    if (problem === null) {
      this.notices.done(t('done_claimed'))
      return true
    }
    const owner = this.opened.detail.value?.conversation
    const name = owner?.id === id ? owner.assignee?.name : undefined
    const taken = problem instanceof ApiError && problem.taken
    this.notices.problem(taken && name ? t('taken_by', { name }) : sentenceOf(problem))
    return false
  }

  act(id: string, action: Action, done: string): Promise<boolean> {
    return this.#on(() => this.api.act(id, action), done)
  }

  note(id: string, text: string): Promise<boolean> {
    return this.#on(() => this.api.note(id, text), t('done_note'))
  }

  transfer(id: string, to: { team: string } | { member: string }, note: string): Promise<boolean> {
    return this.#on(() => this.api.transfer(id, to, note), t('team' in to ? 'done_passed' : 'done_offered'))
  }

  decline(id: string, note: string): Promise<boolean> {
    return this.#on(() => this.api.decline(id, note), t('done_declined'))
  }

  snooze(id: string, until: Date): Promise<boolean> {
    return this.#on(() => this.api.snooze(id, until.toISOString()), t('done_snoozed'))
  }

  resolve(id: string, outcome: Outcome, note: string): Promise<boolean> {
    return this.#on(() => this.api.resolve(id, outcome, note), t('done_resolved'))
  }

  /** Into the outbox, and from there to the citizen as soon as there is a way. */
  say(id: string): boolean {
    const { text, card } = this.drafts.of(id)
    if (!text.trim() && !card) return false
    this.outbox.add(id, text.trim(), card)
    // The next word is news again.
    this.#typed = 0
    this.drafts.set(id, { text: '', card: null })
    return true
  }

  /** Back into the draft what the server would not take. */
  rewrite(clientId: string): void {
    const item = this.outbox.drop(clientId)
    if (!item) return
    const { text } = this.drafts.of(item.conversation)
    const both = [item.text, text].filter(Boolean).join('\n\n')
    this.drafts.set(item.conversation, { text: both, ...(item.card ? { card: item.card } : {}) })
  }

  wrote(id: string): void {
    if (Date.now() - this.#typed < TYPING_EVERY_MS) return
    this.#typed = Date.now()
    void this.api.typing(id).catch(() => {})
  }

  /** The member has the citizen's newest message before their eyes. */
  seen(): void {
    const conversation = this.opened.detail.value?.conversation
    const seq = this.opened.heardSeq.value
    if (!seq || !conversation || conversation.assignee?.id !== this.me?.member.id) return
    const known = this.#read.id === conversation.id && this.#read.seq >= seq
    if (known || conversation.outcome !== null || conversation.state === 'resolved') return
    this.#read = { id: conversation.id, seq }
    void this.api
      .read(conversation.id, seq)
      .then(() => this.#refresh(false))
      .catch(() => {})
  }

  async setPresence(state: Presence): Promise<void> {
    await this.attempt(() => this.session.setPresence(state), t('done_presence', { state: coded('presence', state) }))
  }

  async chooseLanguage(code: UiLanguage): Promise<void> {
    language.value = code
    if (this.session.standing.value === 'in') await this.attempt(() => this.api.chooseLanguage(code))
  }

  async loadTeams(): Promise<void> {
    this.teams.value = await this.api.teams().catch(() => this.teams.value)
  }

  teamName(id: string | null): string {
    if (id === null) return t('team_common')
    return this.teams.value.find((team) => team.id === id)?.name ?? id
  }
}

/** Why it did not work, for the member. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.sentence ?? t(error.status === 0 ? 'problem_network' : 'problem_server')
  throw error
}

/** Whether a conversation belongs to a list: what is open may have left the list that it was opened from. */
export function listOf(conversation: Conversation, me: Me | null): ListName {
  if (conversation.outcome !== null || conversation.state === 'resolved' || conversation.state === 'bot') return 'resolved'
  if (conversation.state === 'queued') return 'waiting'
  if (conversation.assignee?.id !== me?.member.id) return 'team'
  return conversation.snoozed_until ? 'snoozed' : 'mine'
}
