import { type Child, h } from './dom'
import { holdFocus } from './focus'

/** Something to be settled first: lies over the messages, inside the panel, and holds the focus. Hidden at first. */
export function cover(name: string, role: 'dialog' | 'alertdialog', close: () => void, ...children: Child[]): HTMLElement {
  const element = h(
    'div',
    {
      class: 'cover',
      role,
      'aria-modal': 'true',
      'aria-labelledby': `${name}-title`,
      'aria-describedby': `${name}-text`,
      'data-testid': name,
      hidden: true,
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === 'Escape' && !event.isComposing) {
          // Only this closes, not the panel with it.
          event.stopPropagation()
          close()
        } else if (event.key === 'Tab') holdFocus(event, element)
      },
    },
    ...children,
  )
  return element
}
