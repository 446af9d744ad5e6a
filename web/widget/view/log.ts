import type { Message } from '../contract'
import { messageWithOpenChoices, type State } from '../state'
import type { Words } from '../texts'
import { h, icon, say, set } from './dom'
import { authorName, type MessageActions, type MessageSituation, messageView, pendingView } from './message'

interface Shown {
  node: HTMLElement
  /** Everything the node was built from; when it is the same, the node stays. */
  from: string
}

/** The list of messages. Nodes are kept as long as nothing about them changes, so focus and selection stay. */
export class LogView {
  readonly element: HTMLElement
  readonly more: HTMLButtonElement
  readonly #moreText = h('span')
  readonly #list = h('div', { class: 'list' })
  readonly #typing = h('p', { class: 'typing', 'data-testid': 'typing', hidden: true })
  readonly #on: MessageActions
  #shown = new Map<string, Shown>()
  /** Does the view move along with new messages? Not while the citizen reads further up. */
  #following = true
  #placed = 0
  /** Something came that the citizen has not had in view. */
  #unseen = false
  #newest = ''

  constructor(on: MessageActions) {
    this.#on = on
    this.element = h(
      'div',
      // Announcing is done by the announcer: a live log would read whole cards, buttons and all.
      { class: 'log', role: 'log', 'aria-live': 'off', tabindex: 0, 'data-testid': 'log', onscroll: () => this.#scrolled() },
      this.#list,
      this.#typing,
    )
    // The lines and the field below grow and shrink, and with them what is left for the messages.
    new ResizeObserver(() => {
      if (this.#following && this.element.clientHeight) this.#scroll()
    }).observe(this.element)
    this.more = h(
      'button',
      { type: 'button', class: 'more', hidden: true, 'data-testid': 'more', onclick: () => this.#toNewest() },
      icon('down_arrow'),
      this.#moreText,
    )
  }

  update(state: State, words: Words, reading: string | null): void {
    set(this.element, 'aria-label', words.say('log'))
    say(this.#moreText, words.say('newMessages'))
    this.#updateTyping(state, words)
    const focused = this.#focusedHook()
    const next = new Map<string, Shown>()
    const show = (key: string, from: string, build: () => HTMLElement): void => {
      const old = this.#shown.get(key)
      next.set(key, old?.from === from ? old : { from, node: build() })
    }

    const open = messageWithOpenChoices(state)
    const lastOwn = state.messages.findLast((message) => message.author === 'citizen')
    const pending = state.pending.filter((p) => !p.shadowed)
    let before: Message | null = null
    for (const message of state.messages) {
      if (!before || dayOf(before) !== dayOf(message)) {
        const day = words.day(message.created_at)
        if (day) show(`day ${dayOf(message)}`, day, () => h('p', { class: 'day' }, day))
      }
      const now: MessageSituation = {
        named: !before || authorName(before, words) !== authorName(message, words),
        open: message.id === open,
        confirmed: message === lastOwn && !pending.length,
        rating: state.ratings[message.id],
        reading: reading === message.id,
      }
      show(message.id, JSON.stringify([message, now, words.code]), () => messageView(message, now, words, this.#on))
      before = message
    }
    pending.forEach((p, index) => {
      const named = index === 0 && (!before || authorName(before, words) !== words.say('you'))
      show(p.clientId, JSON.stringify([p, named, words.code]), () => pendingView(p, named, words, this.#on))
    })

    this.#place([...next.values()].map((shown) => shown.node))
    this.#shown = next
    this.#restoreFocus(focused)
    this.#follow(state)
  }

  /** After opening and after the citizen has written: always to the newest. */
  toEnd(): void {
    this.#following = true
    this.#scroll()
  }

  focus(): void {
    this.element.focus({ preventScroll: true })
  }

  #updateTyping(state: State, words: Words): void {
    const starting = state.connection === 'starting' && !state.messages.length
    this.#typing.hidden = !state.typing && !state.staffTyping && !starting
    const text = words.say(starting ? 'starting' : state.staffTyping ? 'staffTyping' : 'typing')
    if (this.#typing.textContent !== text) {
      const dots = h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'))
      this.#typing.replaceChildren(dots, text)
    }
  }

  /** Brings the children in order with as few moves as possible: moving a node would take its focus. */
  #place(nodes: HTMLElement[]): void {
    const keep = new Set<Element>(nodes)
    for (const child of [...this.#list.children]) if (!keep.has(child)) child.remove()
    nodes.forEach((node, index) => {
      if (this.#list.children[index] !== node) this.#list.insertBefore(node, this.#list.children[index] ?? null)
    })
  }

  /** Which button, by its hook, in which message had the focus? */
  #focusedHook(): { key: string; hook: string | undefined } | null {
    const active = (this.element.getRootNode() as ShadowRoot).activeElement as HTMLElement | null
    if (!active || !this.#list.contains(active)) return null
    for (const [key, { node }] of this.#shown) if (node.contains(active)) return { key, hook: active.dataset['testid'] }
    return null
  }

  /** A message that was built anew took the focus with it: give it to the same button, or what took its place. */
  #restoreFocus(focused: { key: string; hook: string | undefined } | null): void {
    const active = (this.element.getRootNode() as ShadowRoot).activeElement
    if (!focused || (active && this.#list.contains(active))) return
    const node = this.#shown.get(focused.key)?.node
    const same = node?.querySelector<HTMLElement>(`[data-testid="${focused.hook}"]`)
    const target = same ?? node?.querySelector<HTMLElement>('[data-testid="rated"]') ?? this.element
    target.focus({ preventScroll: true })
  }

  #follow(state: State): void {
    const last = state.pending.at(-1)
    const newest = `${state.messages.at(-1)?.id} ${last?.clientId} ${last?.delivery === 'failed'}`
    const grew = newest !== this.#newest
    this.#newest = newest
    if (grew) this.#unseen = true
    if (this.#following && (grew || !this.#typing.hidden)) this.#scroll()
    this.#updateMore()
  }

  /** To the end, but never past the citizen's own last words: a long answer is read from its beginning, as is the welcome. */
  #scroll(): void {
    const own = [...this.#list.children].findLast((child) => child.matches('.citizen:not(.failed)')) as HTMLElement | undefined
    let top = 0
    if (own) {
      const tall = own.offsetHeight > this.element.clientHeight / 3
      const anchor = tall ? ((own.nextElementSibling as HTMLElement | null) ?? own) : own
      top = anchor.offsetTop - 12
    }
    this.#moveTo(top)
  }

  #moveTo(top: number): void {
    this.element.scrollTop = top
    // The browser keeps it within bounds, so read back where it really went.
    this.#placed = this.element.scrollTop
    this.#updateMore()
  }

  #toNewest(): void {
    this.#following = true
    this.#moveTo(this.element.scrollHeight)
    this.focus()
  }

  #scrolled(): void {
    if (Math.abs(this.element.scrollTop - this.#placed) >= 2) this.#following = this.#distanceToEnd() < 40
    this.#updateMore()
  }

  /** Offers the way down only while the newest message has not been in view at all. */
  #updateMore(): void {
    const newest = this.#list.lastElementChild as HTMLElement | null
    const bottom = this.element.scrollTop + this.element.clientHeight
    if (!newest || (bottom > 0 && newest.offsetTop < bottom - 24)) this.#unseen = false
    this.more.hidden = !this.#unseen || bottom === 0
  }

  #distanceToEnd(): number {
    return this.element.scrollHeight - this.element.clientHeight - this.element.scrollTop
  }
}

function dayOf(message: Message): string {
  return new Date(message.created_at).toDateString()
}
