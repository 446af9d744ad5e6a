import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { coded, t } from '../i18n'
import { sentenceOf } from '../state/desk'
import { useDesk, useLoaded } from './context'
import { LanguageChoice } from './language'
import { TextField } from './parts'

/** E-mail, password and one-time code; the municipality's own sign-in where it is set up. */
export function SignIn(): JSX.Element {
  const desk = useDesk()
  const ways = useLoaded(() => desk.api.ways())
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const told = useRef<HTMLParagraphElement>(null)
  const refused = new URLSearchParams(location.search).get('problem')

  useEffect(() => {
    document.title = `${t('sign_in')} – ${t('desk')}`
  })

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await desk.signIn(email, password, code.replace(/\s/g, ''))
    } catch (error) {
      setProblem(sentenceOf(error))
      // A code works once: the next try needs a new one.
      setCode('')
      told.current?.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <main class="door" id="main">
      <h1>{t('desk')}</h1>
      {desk.session.ended.value && <p class="banner">{t('session_ended')}</p>}
      {refused && <p class="banner warn">{coded('refused', refused)}</p>}
      <p ref={told} class={problem ? 'problem-box' : 'sr'} role="alert" tabIndex={-1}>
        {problem}
      </p>
      {ways.data?.provider && (
        <p>
          <a class="button primary" href="/desk/oidc/login" data-testid="oidc" target="_self">
            {t('sign_in_provider')}
          </a>
        </p>
      )}
      {ways.data?.password !== false && (
        <form onSubmit={(event) => void submit(event)} data-testid="sign-in">
          <h2>{t('sign_in')}</h2>
          <TextField label={t('email')} type="email" autocomplete="username" required value={email} onText={setEmail} />
          <TextField
            label={t('password')}
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onText={setPassword}
          />
          <TextField
            label={t('code')}
            hint={t('code_hint')}
            autocomplete="one-time-code"
            inputMode="text"
            required
            value={code}
            onText={setCode}
          />
          <button class="primary" aria-disabled={busy}>
            {t(busy ? 'signing_in' : 'sign_in')}
          </button>
        </form>
      )}
      <LanguageChoice />
    </main>
  )
}
