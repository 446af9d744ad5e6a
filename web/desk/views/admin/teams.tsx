import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Hours, Team } from '../../contract'
import { coded, count, t } from '../../i18n'
import { may } from '../../state/rights'
import { useDesk, useLoaded } from '../context'
import { Choose, Modal, PageHead, TextArea, TextField, Waiting } from '../parts'
import { listed } from './members'

export const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const
/** What is edited: a team, a new one, or the common queue, which has neither id nor subjects. */
type Editing = Team & { common?: true }
const NEW: Editing = { id: '', name: '', administrations: [], services: [], auto_assign: false, hours: null, closed: [] }

/** `Borgerservice Nørrebro` as the server wants an id: lower-case ASCII words joined by `-`. */
export function teamId(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'oe')
    .replaceAll('å', 'aa')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}

export function Teams(): JSX.Element {
  const desk = useDesk()
  const queues = useLoaded(() => desk.api.queues())
  const [editing, setEditing] = useState<Editing | null>(null)
  const common: Editing | null = queues.data?.common
    ? { ...NEW, ...queues.data.common, name: t('team_common'), common: true }
    : null
  return (
    <>
      <PageHead title="page_teams">
        {may(desk.me, 'manage_teams') && (
          <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-team">
            {t('team_add')}
          </button>
        )}
      </PageHead>
      <Waiting of={queues} />
      <ul class="cards">
        {[...(queues.data?.teams ?? []), ...(common ? [common] : [])].map((team: Editing) => (
          <li key={team.id} data-testid={team.common ? 'common' : 'team'}>
            <h2>{team.name}</h2>
            <p>{t(team.auto_assign ? 'assign_auto' : 'assign_pick')}</p>
            <HoursTable team={team} />
            {(team.closed?.length ?? 0) > 0 && <p>{t('closed_on', { days: team.closed!.join(', ') })}</p>}
            <p class="quiet">{team.common ? t('team_common_text') : count('services', team.services.length)}</p>
            <button type="button" onClick={() => setEditing(team)}>
              {t('edit')} <span class="sr">{team.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {editing && (
        <TeamDialog
          team={editing}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null)
            queues.reload()
            void desk.loadTeams()
          }}
        />
      )}
    </>
  )
}

function HoursTable({ team }: { team: Hours }): JSX.Element {
  if (!team.hours) return <p class="quiet">{t('hours_none')}</p>
  return (
    <table class="hours">
      <caption class="sr">{t('hours')}</caption>
      <tbody>
        {DAYS.map((day) => (
          <tr key={day}>
            <th scope="row">{coded('day', day)}</th>
            <td>{team.hours?.[day]?.join(', ') || t('closed')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function TeamDialog({ team, onClose, onSaved }: { team: Editing; onClose: () => void; onSaved: () => void }): JSX.Element {
  const desk = useDesk()
  const [name, setName] = useState(team.name)
  const [administrations, setAdministrations] = useState(team.administrations.join(', '))
  const [services, setServices] = useState(team.services.join(', '))
  const [assign, setAssign] = useState<'auto' | 'pick'>(team.auto_assign ? 'auto' : 'pick')
  const [always, setAlways] = useState(!team.hours)
  const [week, setWeek] = useState<Record<string, string>>(() =>
    Object.fromEntries(DAYS.map((day) => [day, team.hours?.[day]?.join(', ') ?? ''])),
  )
  const [closed, setClosed] = useState((team.closed ?? []).join('\n'))
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null

  const save = async (): Promise<void> => {
    const id = team.common ? null : team.id || teamId(name)
    const hours = always
      ? null
      : Object.fromEntries(DAYS.map((day) => [day, listed(week[day] ?? '')] as const).filter(([, spans]) => spans.length))
    const worked = await desk.attempt(async () => {
      if (id !== null && may(desk.me, 'manage_teams')) {
        await desk.api.saveTeam(id, {
          name: name.trim(),
          administrations: listed(administrations),
          services: listed(services),
        })
      }
      if (may(desk.me, 'manage_hours')) {
        await desk.api.saveHours(id, { auto_assign: assign === 'auto', hours, closed: listed(closed) })
      }
    }, t('saved'))
    if (worked) onSaved()
  }

  return (
    <Modal title={team.name || t('team_add')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem && <p class="problem-box">{problem}</p>}
        {!team.common && may(desk.me, 'manage_teams') && (
          <>
            <TextField label={t('name')} required maxLength={80} value={name} onText={setName} />
            <TextArea
              label={t('administrations')}
              hint={t('ids_hint')}
              rows={2}
              value={administrations}
              onText={setAdministrations}
            />
            <TextArea label={t('services')} hint={t('ids_hint')} rows={2} value={services} onText={setServices} />
          </>
        )}
        <Choose
          label={t('assign')}
          value={assign}
          options={[
            ['pick', t('assign_pick')],
            ['auto', t('assign_auto')],
          ]}
          onChoose={setAssign}
        />
        <fieldset>
          <legend>{t('hours')}</legend>
          <label class="tick">
            <input type="checkbox" checked={always} onChange={(event) => setAlways(event.currentTarget.checked)} />
            {t('hours_none')}
          </label>
          {!always && <p class="hint">{t('hours_hint')}</p>}
          {!always &&
            DAYS.map((day) => (
              <TextField
                key={day}
                label={coded('day', day)}
                pattern="\s*\d\d:\d\d-\d\d:\d\d(\s*,\s*\d\d:\d\d-\d\d:\d\d)*\s*"
                title={t('hours_hint')}
                value={week[day] ?? ''}
                onText={(text) => setWeek((before) => ({ ...before, [day]: text }))}
              />
            ))}
        </fieldset>
        <TextArea label={t('closures')} hint={t('closures_hint')} value={closed} onText={setClosed} />
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
