import { h, set } from './dom'
import { holdFocus } from './focus'

/** The frame around the conversation: a dialog beside the page, or over all of it on a phone. */
export class PanelView {
  readonly element: HTMLElement
  /** The same condition as in the style sheet. */
  readonly #covers = matchMedia('(max-width: 30rem), (max-height: 30rem)')

  constructor(children: HTMLElement[], escape: () => void) {
    this.element = h(
      'section',
      {
        class: 'panel',
        id: 'panel',
        role: 'dialog',
        'aria-labelledby': 'title',
        'data-testid': 'panel',
        hidden: true,
        onkeydown: (event: KeyboardEvent) => {
          if (event.key === 'Escape' && !event.isComposing) {
            event.stopPropagation()
            escape()
          } else if (event.key === 'Tab' && this.#covers.matches) {
            // Focus must not go to a page that cannot be seen. Beside the page it may, as the page is still in use.
            holdFocus(event, this.element)
          }
        },
      },
      ...children,
    )
    this.#fit()
    this.#covers.addEventListener('change', () => this.#fit())
  }

  /** Covering the page, it is modal in fact, and says so. */
  #fit(): void {
    set(this.element, 'aria-modal', String(this.#covers.matches))
  }
}
