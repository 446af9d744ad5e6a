import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Found } from '../contract'
import { count, t } from '../i18n'
import { go } from '../router'
import { sentenceOf } from '../state/desk'
import { useDesk } from './context'
import { Item } from './list'
import { TextField } from './parts'

/** Through what was said earlier, as far as the member may see it. */
export function SearchPane({ q, open }: { q: string; open: string | null }): JSX.Element {
  const desk = useDesk()
  const [text, setText] = useState(q)
  const [found, setFound] = useState<Found[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  const read = async (after: string | null, before: Found[], current: () => boolean): Promise<void> => {
    try {
      const page = await desk.api.search(q, after)
      if (!current()) return
      const all = [...before, ...page.items]
      setFound(all)
      setNext(page.next ?? null)
      setProblem(null)
      if (!before.length) desk.notices.say(count('found', all.length))
    } catch (error) {
      if (current()) setProblem(sentenceOf(error))
    }
  }

  useEffect(() => {
    let current = true
    setText(q)
    setFound(null)
    if (q) void read(null, [], () => current)
    return () => {
      current = false
    }
  }, [q])

  return (
    <>
      <h2 id="list-title">{t('search')}</h2>
      <form
        role="search"
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault()
          go({ view: 'search', q: text.trim(), id: null })
        }}
      >
        <TextField label={t('search_words')} type="search" value={text} onText={setText} />
        <button class="primary">{t('search')}</button>
      </form>
      {problem && (
        <p class="problem-box" role="alert">
          {problem}
        </p>
      )}
      {found?.length === 0 && <p class="quiet">{t('found_nothing')}</p>}
      {found && found.length > 0 && (
        <ul class="items">
          {found.map(({ conversation, snippet }, at) => (
            <li key={`${conversation.id} ${at}`}>
              <Item
                item={conversation}
                open={conversation.id === open}
                waited={conversation.waiting_seconds}
                snippet={snippet}
                list={conversation.outcome ? 'resolved' : 'team'}
              />
            </li>
          ))}
        </ul>
      )}
      {next && (
        <button type="button" class="more" onClick={() => void read(next, found ?? [], () => true)}>
          {t('more')}
        </button>
      )}
    </>
  )
}
