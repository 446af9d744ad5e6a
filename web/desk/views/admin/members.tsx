import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Member, type Role, ROLES } from '../../contract'
import { coded, t, UI_LANGUAGES, words } from '../../i18n'
import { useDesk, useLoaded } from '../context'
import { Choose, Modal, PageHead, TextField, Ticks, Waiting } from '../parts'

type Editing = Partial<Member> & Pick<Member, 'name' | 'email' | 'role' | 'teams' | 'languages' | 'skills' | 'capacity'>

const NEW: Editing = {
  name: '',
  email: '',
  role: 'guide',
  teams: [],
  languages: ['da'],
  skills: [],
  capacity: 3,
  ui_language: 'da',
}

/** Words as they are typed in one line, between commas. */
export function listed(text: string): string[] {
  return [...new Set(text.split(/[,\n]/).map((one) => one.trim()).filter(Boolean))]
}

export function Members(): JSX.Element {
  const desk = useDesk()
  const members = useLoaded(() => desk.api.members())
  const [editing, setEditing] = useState<Editing | null>(null)
  const [link, setLink] = useState<{ name: string; link: string } | null>(null)

  const renew = (member: Member): void =>
    void desk.attempt(async () => {
      const made = await desk.api.memberLink(member.id)
      setLink({ name: member.name, link: made.link })
    })

  return (
    <>
      <PageHead title="page_members">
        <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-member">
          {t('member_add')}
        </button>
      </PageHead>
      <Waiting of={members} />
      {members.data && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('page_members')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('name')}</th>
                <th scope="col">{t('role')}</th>
                <th scope="col">{t('teams')}</th>
                <th scope="col">{t('languages')}</th>
                <th scope="col">{t('capacity')}</th>
                <th scope="col">{t('standing')}</th>
                <th scope="col">
                  <span class="sr">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.data.map((member) => (
                <tr key={member.id}>
                  <th scope="row">
                    {member.name}
                    <span class="quiet">{member.email}</span>
                  </th>
                  <td>{coded('role', member.role)}</td>
                  <td>{member.teams.map((id) => desk.teamName(id)).join(', ')}</td>
                  <td>{member.languages.map((code) => words.value.languageName(code)).join(', ')}</td>
                  <td>{member.capacity}</td>
                  <td>{t(member.active ? 'active' : 'inactive')}</td>
                  <td class="buttons">
                    {member.id !== desk.me?.member.id && (
                      <>
                        <button type="button" onClick={() => setEditing(member)}>
                          {t('edit')} <span class="sr">{member.name}</span>
                        </button>
                        <button type="button" onClick={() => renew(member)}>
                          {t('member_link')} <span class="sr">{member.name}</span>
                        </button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && (
        <MemberDialog
          member={editing}
          onClose={() => setEditing(null)}
          onSaved={(made) => {
            setEditing(null)
            members.reload()
            if (made) setLink(made)
          }}
        />
      )}
      {link && (
        <Modal title={t('member_link')} onClose={() => setLink(null)}>
          <p>{t('member_link_text', { name: link.name })}</p>
          <p>
            <code class="secret" data-testid="link">
              {link.link}
            </code>
          </p>
          <div class="buttons">
            <button type="button" onClick={() => void desk.attempt(() => navigator.clipboard.writeText(link.link), t('copied'))}>
              {t('copy')}
            </button>
          </div>
        </Modal>
      )}
    </>
  )
}

interface DialogProps {
  member: Editing
  onClose: () => void
  onSaved: (made: { name: string; link: string } | null) => void
}

function MemberDialog({ member, onClose, onSaved }: DialogProps): JSX.Element {
  const desk = useDesk()
  const [form, setForm] = useState(member)
  const [skills, setSkills] = useState(member.skills.join(', '))
  const [languages, setLanguages] = useState(member.languages.join(', '))
  const set = (change: Partial<Editing>): void => setForm((before) => ({ ...before, ...change }))
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null

  const save = async (): Promise<void> => {
    const { name, email, role, teams, capacity, active } = form
    const fields = { name, role, teams, capacity, skills: listed(skills), languages: listed(languages) }
    let made: { name: string; link: string } | null = null
    const worked = await desk.attempt(
      async () => {
        if (member.id) await desk.api.changeMember(member.id, { ...fields, ...(active === undefined ? {} : { active }) })
        else {
          const { link } = await desk.api.addMember({ ...fields, email, ui_language: form.ui_language ?? 'da' })
          made = { name, link }
        }
      },
      t('saved'),
    )
    if (worked) onSaved(made)
  }

  return (
    <Modal title={member.id ? member.name : t('member_add')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem && <p class="problem-box">{problem}</p>}
        <TextField label={t('name')} required maxLength={80} value={form.name} onText={(name) => set({ name })} />
        {!member.id && (
          <>
            <TextField label={t('email')} type="email" required value={form.email} onText={(email) => set({ email })} />
            <Choose
              label={t('language')}
              value={form.ui_language ?? 'da'}
              options={UI_LANGUAGES.map((code) => [code as string, words.value.languageName(code)] as const)}
              onChoose={(code) => set({ ui_language: code })}
            />
          </>
        )}
        <Choose<Role>
          label={t('role')}
          value={form.role}
          options={ROLES.map((role) => [role, coded('role', role)] as const)}
          onChoose={(role) => set({ role })}
        />
        <Ticks
          legend={t('teams')}
          options={desk.teams.value.map((team) => [team.id, team.name] as const)}
          chosen={form.teams}
          onChoose={(teams) => set({ teams })}
        />
        <TextField label={t('languages')} hint={t('languages_hint')} value={languages} onText={setLanguages} />
        <TextField label={t('skills')} hint={t('skills_hint')} value={skills} onText={setSkills} />
        <TextField
          label={t('capacity')}
          hint={t('capacity_hint')}
          type="number"
          min={0}
          max={50}
          required
          value={String(form.capacity)}
          onText={(text) => set({ capacity: Number(text) })}
        />
        {member.id && (
          <label class="tick">
            <input type="checkbox" checked={form.active ?? true} onChange={(event) => set({ active: event.currentTarget.checked })} />
            {t('member_active')}
          </label>
        )}
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
