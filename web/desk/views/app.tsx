import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { language, t } from '../i18n'
import { route } from '../router'
import type { Desk } from '../state/desk'
import { DeskContext } from './context'
import { Shell } from './shell'
import { SignIn } from './signin'
import { Welcome } from './welcome'

export function App({ desk }: { desk: Desk }): JSX.Element {
  useEffect(() => {
    document.documentElement.lang = language.value
  })
  return (
    <DeskContext.Provider value={desk}>
      <Door desk={desk} />
    </DeskContext.Provider>
  )
}

function Door({ desk }: { desk: Desk }): JSX.Element {
  const at = route.value
  if (at.view === 'welcome') return <Welcome token={at.token} />
  switch (desk.session.standing.value) {
    case 'in':
      // Somebody else's desk is another desk: nothing of the one before stays in its fields.
      return <Shell key={desk.me?.member.id} />
    case 'out':
      return <SignIn />
    case 'unknown':
      return <main class="door" id="main" aria-busy="true" />
    case 'away':
      return (
        <main class="door" id="main">
          <h1>{t('desk')}</h1>
          <p role="alert">{t('problem_network')}</p>
          <button type="button" onClick={() => void desk.start()}>
            {t('try_again')}
          </button>
        </main>
      )
  }
}
