import type { State } from '../state'
import type { TextKey, Words } from '../texts'
import { h, icon, say } from './dom'
import { inOrder } from './text'

/** The lines between the messages and the field: connection, who has the conversation, what just happened. */
export class StatusView {
  readonly element: HTMLElement
  readonly #lostText = h('span')
  readonly #lost = h('p', { class: 'line lost', 'data-testid': 'offline', hidden: true }, icon('warning'), this.#lostText)
  readonly #phase = h('p', { class: 'line phase', 'data-testid': 'status', hidden: true })
  readonly #noticeText = h('span', { dir: 'auto' })
  readonly #restart: HTMLButtonElement
  readonly #notice: HTMLElement
  /** The staff's last message when it was last said that they write. */
  #typingAfter = -1
  #told: Record<string, string> = {}
  readonly #announce: (text: string) => void

  constructor(on: { restart(): void; announce(text: string): void }) {
    this.#announce = on.announce
    this.#restart = h('button', { type: 'button', class: 'choice', 'data-testid': 'restart', onclick: on.restart })
    this.#notice = h('div', { class: 'line notice', 'data-testid': 'notice', hidden: true }, this.#noticeText, this.#restart)
    this.element = h('div', { class: 'status' }, this.#lost, this.#notice, this.#phase)
  }

  focusRestart(): void {
    this.#restart.focus()
  }

  update(state: State, words: Words): void {
    const lost = state.connection === 'lost'
    this.#lost.hidden = !lost
    say(this.#lostText, words.say('lost'))
    if (lost || this.#told['lost']) this.#tell('lost', lost ? words.say('lost') : '', words.say('back'))

    const phase = PHASES.has(state.phase) ? words.say(state.phase as TextKey) : ''
    this.#phase.hidden = !phase
    say(this.#phase, phase)
    this.#phase.dataset['phase'] = state.phase
    this.#tell('phase', phase)

    // Once per message, however often somebody pauses while writing it.
    const answered = state.messages.findLast(({ author }) => author === 'staff')?.seq ?? 0
    if (state.staffTyping && this.#typingAfter !== answered) {
      this.#typingAfter = answered
      this.#announce(words.say('staffTyping'))
    }

    const { notice } = state
    const text = notice ? (notice.kind === 'limited' && notice.sentence) || words.say(notice.kind) : ''
    this.#notice.hidden = !text
    say(this.#noticeText, inOrder(text))
    this.#restart.hidden = notice?.kind !== 'deleted'
    say(this.#restart, words.say('startNew'))
    this.#tell('notice', text)
  }

  /** Says a line when it changes, and `gone` when it disappears. */
  #tell(line: string, text: string, gone = ''): void {
    if ((this.#told[line] ?? '') === text) return
    this.#told[line] = text
    if (text || gone) this.#announce(text || gone)
  }
}

/** `bot` is the normal state and needs no line. */
const PHASES = new Set(['queued', 'assigned', 'waiting_citizen', 'resolved'])
