import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { coded, t } from '../../i18n'
import type { AdminPage } from '../../router'
import { Audit } from './audit'
import { CannedReplies } from './canned'
import { DeadLetters } from './dead-letters'
import { KnowledgeNotes } from './knowledge'
import { Members } from './members'
import { StatisticsPage } from './statistics'
import { Teams } from './teams'

const PAGES: Record<AdminPage, () => JSX.Element> = {
  statistics: StatisticsPage,
  members: Members,
  teams: Teams,
  canned: CannedReplies,
  knowledge: KnowledgeNotes,
  'dead-letters': DeadLetters,
  audit: Audit,
}

/** null: an address that leads nowhere. */
export function AdminView({ page }: { page: AdminPage | null }): JSX.Element {
  useEffect(() => {
    document.title = `${page ? coded('page', page) : t('not_found')} – ${t('desk')}`
  })
  if (page === null) {
    return (
      <div class="page">
        <h1 id="page" tabIndex={-1}>
          {t('not_found')}
        </h1>
        <p>
          <a href="/desk/waiting">{t('to_lists')}</a>
        </p>
      </div>
    )
  }
  const Page = PAGES[page]
  return (
    <div class="page">
      <Page key={page} />
    </div>
  )
}
