import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CannedReply, Conversation } from '../contract'
import { direction, t, words } from '../i18n'
import { sentenceOf } from '../state/desk'
import { useDesk, useLoaded } from './context'
import { TextField, Waiting } from './parts'

/** Those in the citizen's language first; found by shortcut, title or words. */
export function ordered(replies: CannedReply[], language: string, find: string): CannedReply[] {
  const wanted = find.trim().toLowerCase().replace(/^\//, '')
  return replies
    .filter((reply) => [reply.shortcut, reply.title, reply.text].some((text) => text.toLowerCase().includes(wanted)))
    .sort(
      (a, b) =>
        Number(b.language === language) - Number(a.language === language) ||
        Number(b.shortcut.toLowerCase() === wanted) - Number(a.shortcut.toLowerCase() === wanted) ||
        a.title.localeCompare(b.title),
    )
}

/** Puts a reply with this conversation's values into the answer; nothing is sent yet. */
export function CannedPicker(props: { conversation: Conversation; onText: (text: string) => void }): JSX.Element {
  const { conversation, onText } = props
  const desk = useDesk()
  const replies = useLoaded(() => desk.api.canned())
  const [find, setFind] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const shown = ordered(replies.data ?? [], conversation.language, find)

  const choose = (reply: CannedReply | undefined): void => {
    if (!reply) return
    desk.api.fill(reply.id, conversation.id).then(onText, (error: unknown) => setProblem(sentenceOf(error)))
  }

  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          choose(shown[0])
        }}
      >
        <TextField label={t('canned_find')} hint={t('canned_find_hint')} type="search" value={find} onText={setFind} />
      </form>
      <Waiting of={replies} />
      {problem && (
        <p class="problem-box" role="alert">
          {problem}
        </p>
      )}
      {replies.data && shown.length === 0 && <p class="quiet">{t('found_nothing')}</p>}
      <ul class="picks">
        {shown.map((reply) => (
          <li key={reply.id}>
            <button type="button" class="pick" onClick={() => choose(reply)} data-testid="canned-reply">
              <strong>{reply.title}</strong>
              <span class="quiet">
                /{reply.shortcut} · {words.value.languageName(reply.language)}
              </span>
              <span lang={reply.language} dir={direction(reply.language)}>
                {reply.text}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
