import type { Words } from '../texts'
import { h, icon, say } from './dom'

/** The button in the corner. */
export class LauncherView {
  readonly element: HTMLButtonElement
  readonly #text = h('span')
  readonly #badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true })
  readonly #unread = h('span', { class: 'sr' })

  constructor(open: () => void) {
    this.element = h(
      'button',
      {
        type: 'button',
        class: 'launcher',
        'data-testid': 'launcher',
        'aria-haspopup': 'dialog',
        'aria-expanded': 'false',
        onclick: open,
      },
      icon('chat'),
      this.#text,
      this.#badge,
      this.#unread,
    )
  }

  update(words: Words, unread: number): void {
    say(this.#text, words.say('launcher'))
    this.#badge.hidden = unread === 0
    say(this.#badge, unread ? unread.toLocaleString(words.code) : '')
    say(this.#unread, unread ? `. ${words.say('unread', unread)}` : '')
  }
}
