import { h, set } from './dom'

const FOCUSABLE = 'a[href], button, select, textarea, [tabindex="0"]'

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
          } else if (event.key === 'Tab') this.#stayInside(event)
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

  /** Focus must not go to a page that cannot be seen. Beside the page it may, as the page is still in use. */
  #stayInside(event: KeyboardEvent): void {
    if (!this.#covers.matches || event.defaultPrevented) return
    const stops = [...this.element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((e) => e.getClientRects().length)
    const [first, last] = [stops[0], stops.at(-1)]
    const active = (this.element.getRootNode() as ShadowRoot).activeElement
    if (event.shiftKey ? active !== first : active !== last) return
    event.preventDefault()
    ;(event.shiftKey ? last : first)?.focus()
  }
}
