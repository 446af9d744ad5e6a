/** How views get at the desk, and the small habits that they share. */
import { createContext } from 'preact'
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Desk } from '../state/desk'
import { sentenceOf } from '../state/desk'
import type { Command } from '../state/shortcuts'

export const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new Error('no desk around this view')
  return desk
}

/** Carries out a shortcut while the view is shown; null: not at the moment. */
export function useCommand(command: Command, run: (() => void) | null): void {
  const desk = useDesk()
  const latest = useRef(run)
  latest.current = run
  const able = run !== null
  // Before the button is painted: who sees it may press its key at once.
  useLayoutEffect(() => (able ? desk.commands.on(command, () => latest.current?.()) : undefined), [desk, command, able])
}

export interface Loaded<T> {
  data: T | null
  problem: string | null
  reload: () => void
}

/** Reads something for a page; anew when `key` changes. Only the last answer counts. */
export function useLoaded<T>(read: () => Promise<T>, key = ''): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; problem: string | null }>({ data: null, problem: null })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let current = true
    read().then(
      (data) => current && setState({ data, problem: null }),
      (error: unknown) => current && setState((before) => ({ data: before.data, problem: sentenceOf(error) })),
    )
    return () => {
      current = false
    }
  }, [key, turn])
  return { ...state, reload: () => setTurn((before) => before + 1) }
}

/** What had the focus may be gone with what was done; then reading goes on at the heading. */
export function keepFocus(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return
  focusHeading(document.getElementById('conversation-title') ? 'conversation-title' : 'page')
}

/** Moves the focus to a heading, as the browser would on a new page. */
export function focusHeading(id: string): void {
  document.getElementById(id)?.focus({ preventScroll: true })
}
