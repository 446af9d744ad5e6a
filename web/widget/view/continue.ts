import type { ApiError } from '../api'
import type { TextKey, Words } from '../texts'
import { cover } from './cover'
import { h, say, set } from './dom'
import { inOrder } from './text'

export interface ContinueActions {
  /** Null when the code is on its way. */
  request(number: string): Promise<ApiError | null>
  /** Null when the code was right. */
  confirm(code: string): Promise<ApiError | null>
  /** `cancelled`, or it is done, or the conversation is no more: puts the focus where it belongs. */
  closed(cancelled: boolean): void
}

type Step = 'number' | 'code' | 'done'

/** What the citizen should know before giving a number away. */
const POINTS: TextKey[] = ['continueHow', 'continueCost', 'continuePrivacy', 'continueStop']

/** Takes the conversation to the citizen's phone: the number, then the code that was sent there. */
export class ContinueView {
  readonly element: HTMLElement
  readonly #on: ContinueActions
  readonly #title = h('h3', { id: 'continue-dialog-title', tabindex: -1 })
  readonly #points = h('ul', {}, ...POINTS.map(() => h('li')))
  /** Read aloud when it changes, and part of what the dialog says of itself. */
  readonly #told = h('p', { role: 'status', 'data-testid': 'continue-told' })
  readonly #number = new Entry('number', { type: 'tel', autocomplete: 'tel', inputmode: 'tel', maxlength: 80 })
  readonly #code = new Entry('code', { autocomplete: 'one-time-code', inputmode: 'numeric', maxlength: 20 })
  readonly #go = h('button', { type: 'submit', class: 'choice primary', 'data-testid': 'continue-go' })
  readonly #cancel = h('button', { type: 'button', class: 'choice', 'data-testid': 'continue-cancel', onclick: () => this.#close(true) })
  readonly #again = plain('continue-again', () => void this.#request('codeAgain'))
  readonly #change = plain('continue-change', () => this.#show('number'))
  readonly #more = h('div', { class: 'more-ways' }, this.#again, this.#change)
  #step: Step = 'number'
  #sent: TextKey = 'codeSent'
  /** The latest request; the answer to an earlier one comes too late to matter. */
  #asked = 0
  #busy = false
  #words: Words | null = null

  constructor(on: ContinueActions) {
    this.#on = on
    const submit = (event: SubmitEvent): void => {
      event.preventDefault()
      if (this.#step === 'number') void this.#request('codeSent')
      else if (this.#step === 'code') void this.#confirm()
      else this.#close(false)
    }
    this.element = cover(
      'continue-dialog',
      'dialog',
      () => this.#close(this.#step !== 'done'),
      h(
        'form',
        // Our own sentences, not the browser's: those come in its language, and only to the eye.
        { class: 'box', novalidate: true, onsubmit: submit },
        this.#title,
        h('div', { id: 'continue-dialog-text' }, this.#points, this.#told),
        this.#number.element,
        this.#code.element,
        this.#more,
        h('div', { class: 'buttons' }, this.#go, this.#cancel),
      ),
    )
  }

  show(): void {
    this.element.hidden = false
    this.#show('number')
    // A field would raise the keyboard over what is to be read first, or scroll past it.
    const long = this.element.scrollHeight > this.element.clientHeight
    if (long || matchMedia('(pointer: coarse)').matches) this.#title.focus()
  }

  /** Forgets what was typed: others may use this device. */
  hide(): void {
    this.#asked++
    this.#wait(false)
    this.#number.clear()
    this.#code.clear()
    this.element.hidden = true
  }

  update(words: Words): void {
    this.#words = words
    const step = this.#step
    say(this.#title, words.say(step === 'done' ? 'continued' : 'continue'))
    POINTS.forEach((key, index) => say(this.#points.children[index]!, words.say(key)))
    this.#number.update(words, 'phone')
    this.#code.update(words, 'code')
    say(this.#again, words.say('codeNew'))
    say(this.#change, words.say('phoneChange'))
    say(this.#go, words.say(step === 'number' ? 'codeSend' : step === 'code' ? 'continue' : 'continueBack'))
    say(this.#cancel, words.say('cancel'))
    // In one piece, and isolated, so that it keeps its order among words written from right to left.
    const number = `\u2066${this.#number.value.replace(/\s+/g, '\u00a0')}\u2069`
    say(this.#told, step === 'number' ? '' : step === 'code' ? words.say(this.#sent, number) : words.say('continuedText'))
  }

  #show(step: Step): void {
    this.#step = step
    this.#number.clearProblem()
    this.#code.clear()
    this.#points.hidden = this.#number.element.hidden = step !== 'number'
    this.#code.element.hidden = this.#more.hidden = step !== 'code'
    this.#cancel.hidden = step === 'done'
    this.update(this.#words!)
    this.element.scrollTop = 0
    const { input } = step === 'number' ? this.#number : this.#code
    ;(step === 'done' ? this.#go : input).focus()
  }

  async #request(sent: TextKey): Promise<void> {
    const entry = this.#step === 'number' ? this.#number : this.#code
    if (!(await this.#try(entry, () => this.#on.request(this.#number.value)))) return
    this.#sent = sent
    // The same sentence once more would not be read aloud.
    say(this.#told, '')
    this.#show('code')
  }

  async #confirm(): Promise<void> {
    // Nothing typed must not cost one of the few tries.
    if (!/\d/.test(this.#code.value)) return this.#code.refuse(this.#words!.say('codeEmpty'), this.#words!.code)
    if (await this.#try(this.#code, () => this.#on.confirm(this.#code.value))) this.#show('done')
  }

  /** True when it worked and is still wanted; else the field says why not. */
  async #try(entry: Entry, request: () => Promise<ApiError | null>): Promise<boolean> {
    if (this.#busy) return false
    this.#number.clearProblem()
    this.#code.clearProblem()
    this.#wait(true)
    const asked = ++this.#asked
    const problem = await request()
    if (asked !== this.#asked) return false
    this.#wait(false)
    if (problem?.failure === 'gone') this.#close(false)
    else if (problem?.sentence) entry.refuse(problem.sentence, this.#words!.language)
    else if (problem) entry.refuse(this.#words!.say('continueFailed'), this.#words!.code)
    return !problem
  }

  /** Not `disabled`, which would drop the focus. */
  #wait(busy: boolean): void {
    this.#busy = busy
    for (const button of [this.#go, this.#again]) set(button, 'aria-disabled', busy && 'true')
  }

  #close(cancelled: boolean): void {
    this.hide()
    this.#on.closed(cancelled)
  }
}

/** One field with its name and what is wrong with it. */
class Entry {
  readonly element: HTMLElement
  readonly input: HTMLInputElement
  readonly #label: HTMLLabelElement
  readonly #problem: HTMLElement

  constructor(name: string, attributes: Record<string, string | number>) {
    const id = `continue-${name}`
    this.#label = h('label', { for: id })
    this.#problem = h('p', { id: `${id}-problem`, class: 'failed', role: 'alert', dir: 'auto', 'data-testid': `${id}-problem` })
    this.input = h('input', { id, 'data-testid': id, dir: 'ltr', 'aria-describedby': `${id}-problem`, ...attributes })
    this.element = h('div', { class: 'entry' }, this.#label, this.input, this.#problem)
  }

  get value(): string {
    return this.input.value.trim()
  }

  update(words: Words, key: TextKey): void {
    say(this.#label, words.say(key))
  }

  refuse(sentence: string, language: string): void {
    set(this.#problem, 'lang', language)
    say(this.#problem, inOrder(sentence))
    set(this.input, 'aria-invalid', 'true')
    this.input.focus()
    this.input.select()
  }

  clearProblem(): void {
    say(this.#problem, '')
    set(this.input, 'aria-invalid', null)
  }

  clear(): void {
    this.clearProblem()
    this.input.value = ''
  }
}

function plain(hook: string, onclick: () => void): HTMLButtonElement {
  return h('button', { type: 'button', class: 'plain', 'data-testid': hook, onclick })
}
