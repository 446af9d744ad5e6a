import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t, words } from '../i18n'
import { qrCode } from '../qr'
import { go } from '../router'
import { sentenceOf } from '../state/desk'
import { useDesk, useLoaded } from './context'
import { LanguageChoice } from './language'
import { TextField, Waiting } from './parts'

/** Behind the one-time link: a password, a second factor, and the codes for when the telephone is gone. */
export function Welcome({ token }: { token: string }): JSX.Element {
  const desk = useDesk()
  const link = useLoaded(() => desk.api.lookAtLink(token), token)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const told = useRef<HTMLParagraphElement>(null)

  useEffect(() => {
    document.title = `${t('welcome')} – ${t('desk')}`
  })

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      const answer = await desk.api.redeemLink(token, password, code.replace(/\s/g, ''))
      setCodes(answer.recovery_codes)
    } catch (error) {
      setProblem(sentenceOf(error))
      told.current?.focus()
    } finally {
      setBusy(false)
    }
  }

  if (codes) return <Codes codes={codes} />
  return (
    <main class="door" id="main">
      <h1>{t('welcome')}</h1>
      <Waiting of={link} />
      <p ref={told} class={problem ? 'problem-box' : 'sr'} role="alert" tabIndex={-1}>
        {problem}
      </p>
      {link.data && (
        <form onSubmit={(event) => void submit(event)} data-testid="welcome">
          <p>{t('welcome_text', { name: link.data.name, email: link.data.email })}</p>
          <p class="quiet">{t('welcome_until', { time: words.value.exact(link.data.expires_at) })}</p>
          {/* For password managers: which account the new password belongs to. */}
          <input type="hidden" autocomplete="username" value={link.data.email} />
          <h2>{t('password_step')}</h2>
          <TextField
            label={t('password_new')}
            hint={t('password_hint')}
            type="password"
            autocomplete="new-password"
            minLength={12}
            required
            value={password}
            onText={setPassword}
          />
          <h2>{t('totp_step')}</h2>
          <p>{t('totp_how')}</p>
          <QrCode text={link.data.totp_address} />
          <p>
            {t('totp_secret')} <code class="secret">{link.data.totp_secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
          <TextField
            label={t('totp_code')}
            autocomplete="one-time-code"
            inputMode="numeric"
            required
            value={code}
            onText={setCode}
          />
          <button class="primary" aria-disabled={busy}>
            {t('welcome_finish')}
          </button>
        </form>
      )}
      <LanguageChoice />
    </main>
  )
}

function Codes({ codes }: { codes: string[] }): JSX.Element {
  const desk = useDesk()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main class="door" id="main">
      <h1 ref={heading} tabIndex={-1}>
        {t('codes')}
      </h1>
      <p>{t('codes_text')}</p>
      <ol class="codes" data-testid="codes">
        {codes.map((one) => (
          <li key={one}>
            <code>{one}</code>
          </li>
        ))}
      </ol>
      <div class="buttons">
        <button
          type="button"
          onClick={() => void desk.attempt(() => navigator.clipboard.writeText(codes.join('\n')), t('copied'))}
        >
          {t('copy')}
        </button>
        <button type="button" onClick={() => print()}>
          {t('print')}
        </button>
        <button type="button" class="primary" onClick={() => go({ view: 'list', list: 'waiting', id: null }, true)}>
          {t('codes_kept')}
        </button>
      </div>
      <p role="status">{desk.notices.bar.value?.text}</p>
    </main>
  )
}

/** Four modules of white around it, as readers need. Dark on white whatever the colours of the page. */
export function QrCode({ text }: { text: string }): JSX.Element {
  const rows = qrCode(text)
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('')
  const side = rows.length + 8
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t('totp_qr')}>
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  )
}
