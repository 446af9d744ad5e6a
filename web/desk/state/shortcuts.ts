/** The keys of the desk, as data: the help shows the same table that the keyboard is read with. */
export const SHORTCUTS = [
  { id: 'next', key: 'j', where: 'list' },
  { id: 'previous', key: 'k', where: 'list' },
  { id: 'open', key: 'o', where: 'list' },
  { id: 'list', key: 'l', where: 'anywhere' },
  { id: 'back', key: 'u', where: 'conversation' },
  { id: 'claim', key: 'c', where: 'conversation' },
  { id: 'reply', key: 'r', where: 'conversation' },
  { id: 'attach1', key: '1', where: 'conversation' },
  { id: 'attach2', key: '2', where: 'conversation' },
  { id: 'attach3', key: '3', where: 'conversation' },
  { id: 'canned', key: 'i', where: 'conversation' },
  { id: 'note', key: 'n', where: 'conversation' },
  { id: 'transfer', key: 't', where: 'conversation' },
  { id: 'snooze', key: 'z', where: 'conversation' },
  { id: 'resolve', key: 'e', where: 'conversation' },
  { id: 'knowledge', key: 'f', where: 'anywhere' },
  { id: 'search', key: '/', where: 'anywhere' },
  { id: 'help', key: '?', where: 'anywhere' },
] as const

export type Command = (typeof SHORTCUTS)[number]['id']

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing' | 'repeat' | 'target'>

/** Which command a key means here; null where it belongs to a field, a dialog, the browser or the system. */
export function commandOf(event: Pressed, enabled: boolean): Command | null {
  if (!enabled || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null
  const target = event.target as Element | null
  if (target?.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog')) return null
  const found = SHORTCUTS.find(({ key }) => key === event.key.toLowerCase())
  if (!found || (event.repeat && found.where !== 'list')) return null
  return found.id
}

/** Who carries out which command at the moment: views register what they can do while they are shown. */
export class Commands {
  readonly #handlers = new Map<Command, (() => void)[]>()

  /** The last one who came is asked first. Gives back how to leave. */
  on(command: Command, run: () => void): () => void {
    const handlers = this.#handlers.get(command) ?? []
    this.#handlers.set(command, [...handlers, run])
    return () => {
      const left = (this.#handlers.get(command) ?? []).filter((handler) => handler !== run)
      this.#handlers.set(command, left)
    }
  }

  /** Whether somebody carried it out. */
  run(command: Command): boolean {
    const handler = this.#handlers.get(command)?.at(-1)
    handler?.()
    return handler !== undefined
  }
}
