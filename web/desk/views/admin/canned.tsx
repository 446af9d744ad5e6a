import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CannedReply } from '../../contract'
import { direction, t, words } from '../../i18n'
import { useDesk, useLoaded } from '../context'
import { Choose, Modal, PageHead, TextArea, TextField, Waiting } from '../parts'

type Editing = Omit<CannedReply, 'id'> & { id?: number }
const NEW: Editing = { team: null, language: 'da', shortcut: '', title: '', text: '' }
/** In which staff write; others can be typed. */
const LANGUAGES = ['da', 'en', 'ar', 'uk', 'pl', 'de', 'tr', 'so', 'ur', 'ro']

export function CannedReplies(): JSX.Element {
  const desk = useDesk()
  const replies = useLoaded(() => desk.api.canned())
  const [editing, setEditing] = useState<Editing | null>(null)
  const [removing, setRemoving] = useState<CannedReply | null>(null)
  return (
    <>
      <PageHead title="page_canned">
        <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-canned">
          {t('canned_add')}
        </button>
      </PageHead>
      <Waiting of={replies} />
      {replies.data?.length === 0 && <p class="quiet">{t('canned_none')}</p>}
      <ul class="cards">
        {replies.data?.map((reply) => (
          <li key={reply.id}>
            <h2>{reply.title}</h2>
            <p class="quiet">
              /{reply.shortcut} · {words.value.languageName(reply.language)} ·{' '}
              {reply.team === null ? t('every_team') : desk.teamName(reply.team)}
            </p>
            <p class="text" lang={reply.language} dir={direction(reply.language)}>
              {reply.text}
            </p>
            <div class="buttons">
              <button type="button" onClick={() => setEditing(reply)}>
                {t('edit')} <span class="sr">{reply.title}</span>
              </button>
              <button type="button" onClick={() => setRemoving(reply)}>
                {t('remove')} <span class="sr">{reply.title}</span>
              </button>
            </div>
          </li>
        ))}
      </ul>
      {editing && (
        <CannedDialog
          reply={editing}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null)
            replies.reload()
          }}
        />
      )}
      {removing && (
        <Modal title={t('remove')} onClose={() => setRemoving(null)}>
          <p>{t('remove_sure', { name: removing.title })}</p>
          <div class="buttons">
            <button
              type="button"
              class="danger"
              onClick={() =>
                void desk.attempt(() => desk.api.removeCanned(removing.id), t('removed')).then(() => {
                  setRemoving(null)
                  replies.reload()
                })
              }
            >
              {t('remove')}
            </button>
            <button type="button" onClick={() => setRemoving(null)}>
              {t('cancel')}
            </button>
          </div>
        </Modal>
      )}
    </>
  )
}

function CannedDialog({ reply, onClose, onSaved }: { reply: Editing; onClose: () => void; onSaved: () => void }): JSX.Element {
  const desk = useDesk()
  const [form, setForm] = useState(reply)
  const set = (change: Partial<Editing>): void => setForm((before) => ({ ...before, ...change }))
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null
  const save = async (): Promise<void> => {
    const { id, ...fields } = form
    const worked = await desk.attempt(
      () => (id === undefined ? desk.api.addCanned(fields) : desk.api.changeCanned(id, fields)),
      t('saved'),
    )
    if (worked) onSaved()
  }
  return (
    <Modal title={reply.id === undefined ? t('canned_add') : reply.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem && <p class="problem-box">{problem}</p>}
        <TextField label={t('title')} required maxLength={80} value={form.title} onText={(title) => set({ title })} />
        <TextField
          label={t('canned_shortcut')}
          hint={t('canned_shortcut_hint')}
          required
          pattern="[a-zæøå0-9-]+"
          maxLength={20}
          value={form.shortcut}
          onText={(shortcut) => set({ shortcut })}
        />
        <Choose
          label={t('language')}
          value={form.language}
          options={[...new Set([...LANGUAGES, form.language])].map((code) => [code, words.value.languageName(code)] as const)}
          onChoose={(language) => set({ language })}
        />
        <Choose
          label={t('team')}
          value={form.team ?? ''}
          options={[['', t('every_team')] as const, ...desk.teams.value.map((team) => [team.id, team.name] as const)]}
          onChoose={(team) => set({ team: team || null })}
        />
        <TextArea label={t('text')} hint={t('canned_hint')} rows={6} required value={form.text} onText={(text) => set({ text })} />
        <div class="buttons">
          <button class="primary" aria-disabled={desk.busy.value}>
            {t('save')}
          </button>
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
