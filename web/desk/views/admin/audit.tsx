import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AuditEntry } from '../../contract'
import { coded, t, words } from '../../i18n'
import { useDesk, useLoaded } from '../context'
import { PageHead, Waiting } from '../parts'

/** Who did what; it can be read, and nothing else. */
export function Audit(): JSX.Element {
  const desk = useDesk()
  const members = useLoaded(() => desk.api.members())
  const names = new Map(members.data?.map((member) => [member.id, member.name]))
  const named = (id: string | null): string => (id === null ? '–' : (names.get(id) ?? id))
  const about = (subject: string | null): string => {
    const [kind, ...rest] = (subject ?? '').split(':')
    const id = rest.join(':')
    if (kind === 'member') return named(id)
    if (kind === 'team') return desk.teamName(id || null)
    return kind === 'conversation' ? `${t('conversation')} ${id.slice(0, 8)}` : (subject ?? '–')
  }
  const first = useLoaded(() => desk.api.audit())
  const [more, setMore] = useState<AuditEntry[]>([])
  const [ended, setEnded] = useState(false)
  const entries = [...(first.data ?? []), ...more]

  const further = (): void =>
    void desk.attempt(async () => {
      const next = await desk.api.audit(entries.at(-1)?.id ?? null)
      setMore([...more, ...next])
      setEnded(next.length === 0)
    })

  return (
    <>
      <PageHead title="page_audit" />
      <Waiting of={first} />
      {first.data && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('page_audit')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('who')}</th>
                <th scope="col">{t('what_happened')}</th>
                <th scope="col">{t('subject')}</th>
                <th scope="col">{t('details')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td>{words.value.exact(entry.at)}</td>
                  <td>{named(entry.actor)}</td>
                  <td>{coded('audit', entry.action)}</td>
                  <td title={entry.subject ?? undefined}>{about(entry.subject)}</td>
                  <td>{plain(entry.details)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {first.data && !ended && entries.length > 0 && (
        <button type="button" class="more" onClick={further}>
          {t('more')}
        </button>
      )}
    </>
  )
}

function plain(details: Record<string, unknown>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
