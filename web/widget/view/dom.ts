type Value = string | number | boolean | null | undefined | ((event: never) => void)
export type Child = Node | string | null | undefined | false

/** Builds an element. Strings become text nodes: no text of anybody is ever parsed as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener)
    else set(element, name, value)
  }
  for (const child of children) if (child || child === '') element.append(child)
  return element
}

/** Sets, empties (true) or removes (false, null) an attribute. */
export function set(element: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === false || value === null || value === undefined) element.removeAttribute(name)
  else element.setAttribute(name, value === true ? '' : String(value))
}

/** Changes text only when it differs: needless changes make screen readers and selections jump. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Stroked 24 × 24 paths. */
const ICONS = {
  chat: 'M4 5h16v11H11l-5 4v-4H4z M8 9h8 M8 12h5',
  close: 'M6 6l12 12 M18 6L6 18',
  more: 'M12 5.5v.01 M12 12v.01 M12 18.5v.01',
  send: 'M4 12h15 M13 6l6 6-6 6',
  speaker: 'M4 10v4h3l5 4V6L7 10z M15.5 9.5a4 4 0 010 5 M18 7a8 8 0 010 10',
  stop: 'M7 7h10v10H7z',
  up: 'M4 11h3v9H4z M7 11l4-8c2 0 2.5 1.500 2 3.500L12.500 9H18c1.500 0 2.300 1.200 2 2.500l-1.500 6.500c-.3 1.200-1 2-2.500 2H7',
  down: 'M20 13h-3V4h3z M17 13l-4 8c-2 0-2.500-1.500-2-3.500l.5-2.500H6c-1.500 0-2.300-1.200-2-2.500L5.500 6c.3-1.200 1-2 2.500-2h9',
  save: 'M12 4v11 M7 10.500l5 5 5-5 M5 20h14',
  phone: 'M8 3h8v18H8z M11 18h2',
  print: 'M7 9V4h10v5 M7 17H4V9h16v8h-3 M7 14h10v6H7z',
  bin: 'M5 7h14 M9 7V4h6v3 M7 7l1 13h8l1-13 M10.500 11v5 M13.500 11v5',
  down_arrow: 'M12 5v14 M6 13l6 6 6-6',
  out: 'M9 6H5v13h13v-4 M13 4h7v7 M20 4l-9 9',
  house: 'M4 20h16 M6 20V10 M10 20V10 M14 20V10 M18 20V10 M4 10l8-6 8 6z',
  deadline: 'M12 8v4.500l3 2 M12 4a8 8 0 100 16 8 8 0 000-16z',
  cost: 'M4 7h16v11H4z M12 10a2.500 2.500 0 100 5 2.500 2.500 0 000-5z M7 10v.01 M17 15v.01',
  processing_time: 'M5 5h14v15H5z M5 10h14 M9 3v4 M15 3v4',
  warning: 'M12 4l9 16H3z M12 10v4.500 M12 17.200v.01',
} as const
export type IconName = keyof typeof ICONS

export function isIcon(name: string): name is IconName {
  return name in ICONS
}

const SVG = 'http://www.w3.org/2000/svg'

/** Decoration only: what it means is always in words beside it or in the button's name. */
export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  set(svg, 'viewBox', '0 0 24 24')
  set(svg, 'aria-hidden', 'true')
  set(svg, 'class', 'icon')
  set(path, 'd', ICONS[name])
  svg.append(path)
  return svg
}
