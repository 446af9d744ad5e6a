import type { Words } from '../texts'
import { h, say } from './dom'

/** Asks before the conversation is deleted. Lies over the messages, inside the panel. */
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
    this.element = h(
      'div',
      {
        class: 'confirm',
        role: 'alertdialog',
        'aria-modal': 'true',
        'aria-labelledby': 'confirm-title',
        'aria-describedby': 'confirm-text',
        'data-testid': 'confirm',
        hidden: true,
        onkeydown: (event: KeyboardEvent) => {
          if (event.key === 'Escape') {
            // Only this question closes, not the panel with it.
            event.stopPropagation()
            close(false)
          } else if (event.key === 'Tab') {
            event.preventDefault()
            const onYes = (this.element.getRootNode() as ShadowRoot).activeElement === this.#yes
            ;(onYes ? this.#no : this.#yes).focus()
          }
        },
      },
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
