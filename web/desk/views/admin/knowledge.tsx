import type { JSX } from 'preact'
import { coded, t, words } from '../../i18n'
import { useDesk, useLoaded } from '../context'
import { PageHead, Waiting } from '../parts'

/** What colleagues say is wrong or missing in the guide's knowledge. */
export function KnowledgeNotes(): JSX.Element {
  const desk = useDesk()
  const notes = useLoaded(() => desk.api.knowledgeNotes())
  return (
    <>
      <PageHead title="page_knowledge" />
      <Waiting of={notes} />
      {notes.data?.length === 0 && <p class="quiet">{t('knowledge_none')}</p>}
      <ul class="cards">
        {notes.data?.map((note) => (
          <li key={note.id}>
            <h2>{note.service.title}</h2>
            <p>
              <span class="badge">{coded('report', note.kind)}</span>
            </p>
            <p class="text" dir="auto">
              {note.text}
            </p>
            <p class="quiet">
              {note.author}, {words.value.moment(note.at)}
            </p>
            {note.done ? (
              <p>{t('done')}</p>
            ) : (
              <button
                type="button"
                onClick={() => void desk.attempt(() => desk.api.noteDone(note.id), t('done_marked')).then(notes.reload)}
              >
                {t('mark_done')} <span class="sr">{note.service.title}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
