const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]'

/** Keeps Tab inside an element: from its last stop to its first, and back. */
export function holdFocus(event: KeyboardEvent, inside: HTMLElement): void {
  // Something further in has seen to it.
  if (event.defaultPrevented) return
  const stops = [...inside.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((e) => e.getClientRects().length)
  const [first, last] = [stops[0], stops.at(-1)]
  const active = (inside.getRootNode() as ShadowRoot).activeElement
  if (event.shiftKey ? active !== first : active !== last) return
  event.preventDefault()
  ;(event.shiftKey ? last : first)?.focus()
}
