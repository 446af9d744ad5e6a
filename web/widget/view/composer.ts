import type { Words } from '../texts'
import { h, icon, say, set } from './dom'

export const MAX_LENGTH = 2_000
const COUNT_FROM = 200

export interface ComposerActions {
  write(text: string): void
  draft(text: string): void
  /** The limit is near or passed: say it once. */
  announce(text: string): void
}

/** Code points, as the server counts them; an emoji is one character, not two. */
export function lengthOf(text: string): number {
  return [...text].length
}

/** The field in which the citizen writes. */
export class ComposerView {
  readonly element: HTMLFormElement
  readonly input: HTMLTextAreaElement
  readonly #label = h('label', { for: 'input', class: 'sr' })
  readonly #send: HTMLButtonElement
  readonly #count = h('p', { id: 'count', class: 'count', 'data-testid': 'count', hidden: true })
  readonly #hint = h('p', { id: 'hint', class: 'hint' })
  readonly #on: ComposerActions
  #words: Words | null = null
  #said = ''

  constructor(on: ComposerActions) {
    this.#on = on
    this.input = h('textarea', {
      id: 'input',
      rows: 1,
      autocomplete: 'off',
      enterkeyhint: 'send',
      'data-testid': 'input',
      'aria-describedby': 'hint count',
      oninput: () => this.#changed(),
      onkeydown: (event: KeyboardEvent) => this.#key(event),
    })
    this.#send = h('button', { type: 'submit', class: 'square send', 'data-testid': 'send' }, icon('send'))
    this.element = h(
      'form',
      {
        class: 'composer',
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault()
          this.#submit()
        },
      },
      this.#label,
      h('div', { class: 'field' }, this.input),
      this.#send,
      this.#count,
      this.#hint,
    )
  }

  update(words: Words): void {
    this.#words = words
    say(this.#label, words.say('input'))
    set(this.input, 'placeholder', words.say('input'))
    set(this.#send, 'aria-label', words.say('send'))
    set(this.#send, 'title', words.say('send'))
    say(this.#hint, words.say('privacy'))
    this.#recount()
  }

  fill(text: string): void {
    this.input.value = text
    this.#changed()
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, Enter picks a word; 229 is how older Safari says so.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.#submit()
  }

  #submit(): void {
    const text = this.input.value.trim()
    if (!text || lengthOf(text) > MAX_LENGTH) return this.input.focus()
    this.#on.write(text)
    this.fill('')
    this.input.focus()
  }

  #changed(): void {
    this.#on.draft(this.input.value)
    this.#recount()
  }

  #recount(): void {
    const text = this.input.value.trim()
    const words = this.#words
    const left = MAX_LENGTH - lengthOf(text)
    // Empty, `auto` would mean left to right, and the placeholder would stand on the wrong side.
    set(this.input, 'dir', text ? words?.flow(text, words.language) : words?.direction)
    set(this.input.parentElement!, 'data-text', this.input.value)
    // Not `disabled`: a button that cannot be reached cannot explain itself.
    set(this.#send, 'aria-disabled', String(!text || left < 0))
    this.#count.hidden = left > COUNT_FROM
    set(this.input, 'aria-invalid', left < 0 ? 'true' : null)
    if (this.#count.hidden || !words) return
    const sentence = left < 0 ? words.say('over', -left) : words.say('left', left)
    say(this.#count, sentence)
    set(this.#count, 'data-over', left < 0)
    // Once near the limit and once past it, not at every key.
    const stage = left < 0 ? 'over' : 'near'
    if (stage !== this.#said) this.#on.announce(sentence)
    this.#said = stage
  }
}
