import type { Words } from '../texts'
import { cover } from './cover'
import { h, say } from './dom'

/** Asks before the conversation is deleted. */
export class ConfirmView {
  readonly element: HTMLElement
  readonly #title = h('h3', { id: 'confirm-title' })
  readonly #text = h('p', { id: 'confirm-text' })
  readonly #failed = h('p', { class: 'failed', role: 'alert' })
  readonly #yes: HTMLButtonElement
  readonly #no: HTMLButtonElement
  #words: Words | null = null

  /** `remove` tells whether it worked; `closed` puts the focus where it belongs. */
  constructor(remove: () => Promise<boolean>, closed: (removed: boolean) => void) {
    const close = (removed: boolean): void => {
      this.element.hidden = true
      closed(removed)
    }
    this.#yes = h('button', {
      type: 'button',
      class: 'danger',
      'data-testid': 'delete-yes',
      onclick: async () => {
        say(this.#failed, '')
        if (await remove()) close(true)
        else say(this.#failed, this.#words!.say('deleteFailed'))
      },
    })
    this.#no = h('button', { type: 'button', class: 'choice', 'data-testid': 'delete-no', onclick: () => close(false) })
    this.element = cover(
      'confirm',
      'alertdialog',
      () => close(false),
      h('div', { class: 'box' }, this.#title, this.#text, this.#failed, h('div', { class: 'buttons' }, this.#no, this.#yes)),
    )
  }

  /** The harmless answer has the focus. */
  show(): void {
    say(this.#failed, '')
    this.element.hidden = false
    this.#no.focus()
  }

  update(words: Words): void {
    this.#words = words
    say(this.#title, words.say('deleteTitle'))
    say(this.#text, words.say('deleteText'))
    say(this.#yes, words.say('deleteYes'))
    say(this.#no, words.say('deleteNo'))
  }
}
