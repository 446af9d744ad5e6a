import type { Language } from '../contract'
import { primaryCode, type TextKey, type Words } from '../texts'
import { h, icon, type IconName, say, set } from './dom'

export interface HeaderActions {
  language(code: string): void
  continue(): void
  transcript(): void
  print(): void
  remove(): void
  close(): void
}

/** Title, what one is talking to, language, menu and close. */
export class HeaderView {
  readonly element: HTMLElement
  readonly menuButton: HTMLButtonElement
  readonly #title = h('h2', { id: 'title' })
  readonly #machine = h('p', { class: 'machine', 'data-testid': 'machine' })
  readonly #select: HTMLSelectElement
  readonly #menu: HTMLElement
  readonly #continue: HTMLElement
  readonly #close: HTMLButtonElement
  readonly #items: [HTMLElement, TextKey][] = []
  #languages = ''

  constructor(on: HeaderActions) {
    this.#select = h('select', {
      'data-testid': 'language',
      autocomplete: 'off',
      onchange: () => on.language(this.#select.value),
    })
    this.menuButton = h(
      'button',
      {
        type: 'button',
        class: 'square',
        'data-testid': 'menu',
        'aria-expanded': 'false',
        'aria-controls': 'menu',
        onclick: () => this.toggleMenu(!this.menuOpen),
      },
      icon('more'),
    )
    this.#close = h('button', { type: 'button', class: 'square', 'data-testid': 'close', onclick: () => on.close() }, icon('close'))
    this.#continue = this.#item('continue', 'phone', on.continue)
    this.#menu = h(
      'div',
      { id: 'menu', class: 'menu', hidden: true, 'data-testid': 'menu-items' },
      this.#continue,
      this.#item('transcript', 'save', on.transcript),
      this.#item('print', 'print', on.print),
      this.#item('delete', 'bin', on.remove),
    )
    this.element = h(
      // Not <header>: that would be a second banner of the page.
      'div',
      { class: 'header' },
      h('div', { class: 'bar' }, this.#title, this.#select, this.menuButton, this.#close),
      this.#machine,
      this.#menu,
    )
    // Leaving the menu closes it, so that it never lies over what has the focus.
    this.#menu.addEventListener('focusout', (event) => {
      const to = event.relatedTarget as Node | null
      if (to && to !== this.menuButton && !this.#menu.contains(to)) this.toggleMenu(false)
    })
  }

  get menuOpen(): boolean {
    return !this.#menu.hidden
  }

  toggleMenu(open: boolean): void {
    this.#menu.hidden = !open
    set(this.menuButton, 'aria-expanded', String(open))
  }

  contains(target: EventTarget | undefined): boolean {
    return target instanceof Node && (this.#menu.contains(target) || this.menuButton.contains(target))
  }

  /** Nothing to save or delete without a conversation. `texting`: it can go on by text message. */
  update(words: Words, languages: Language[], started: boolean, texting: boolean): void {
    say(this.#title, words.say('title'))
    say(this.#machine, words.say('machine'))
    set(this.#select, 'aria-label', words.say('language'))
    name(this.menuButton, words.say('menu'))
    name(this.#close, words.say('close'))
    for (const [element, key] of this.#items) say(element, words.say(key))
    this.#continue.hidden = !texting
    this.menuButton.hidden = !started
    if (!started) this.toggleMenu(false)
    this.#offer(languages)
    this.#select.value = languages.some((l) => l.code === words.language) ? words.language : words.code
  }

  #offer(languages: Language[]): void {
    const key = JSON.stringify(languages)
    if (key === this.#languages) return
    this.#languages = key
    this.#select.replaceChildren(
      // Each name in its own language: who needs it cannot read the present one.
      ...languages.map((l) => h('option', { value: l.code, lang: primaryCode(l.code), dir: l.direction }, l.name)),
    )
  }

  #item(key: 'continue' | 'transcript' | 'print' | 'delete', sign: IconName, act: () => void): HTMLElement {
    const text = h('span')
    this.#items.push([text, key])
    return h(
      'button',
      {
        type: 'button',
        'data-testid': key,
        onclick: () => {
          this.toggleMenu(false)
          this.menuButton.focus()
          act()
        },
      },
      icon(sign),
      text,
    )
  }
}

/** A name for a button that shows only a sign; the title also helps those who see it. */
function name(button: HTMLElement, text: string): void {
  set(button, 'aria-label', text)
  set(button, 'title', text)
}
