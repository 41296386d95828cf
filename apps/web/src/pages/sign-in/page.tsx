// Signing in: an operator token goes to the server once and comes back as a cookie that no script can read.
// Who may do what afterwards is asked of the API.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import mark from '../../look/mark.svg'
import { Button, Field, Trouble } from '../../parts/controls.tsx'
import { ask, keepSession } from '../../wire/ask.ts'
import { expectSession, meQuery } from '../../wire/me.ts'

export const SignInPage = () => {
  const [token, setToken] = useState('')
  const client = useQueryClient()
  const signIn = useMutation({
    mutationFn: () => ask('signIn', { body: { token: token.trim() } }),
    onSuccess: (me) => {
      keepSession(me)
      expectSession()
      client.setQueryData(meQuery.queryKey, me)
    },
  })
  useEffect(() => {
    document.title = 'Sign in · Muster'
  }, [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (token.trim() !== '') signIn.mutate()
  }
  return (
    <main className="door">
      <form onSubmit={submit}>
        <div className="brand">
          <img src={mark} alt="" />
          Muster
        </div>
        <section className="card" aria-label="Sign in">
          <div className="card-body stack">
            <h1>Sign in</h1>
            <Field
              label="Operator token"
              type="password"
              value={token}
              onChange={setToken}
              hint="It begins with mot_. On a new server it lies in the file admin-token of the data folder, ./.muster under npm run up."
              autoComplete="current-password"
              autoFocus
            />
            <Trouble fault={signIn.error} />
            <Button type="submit" tone="main" isDisabled={signIn.isPending || token.trim() === ''}>
              Sign in
            </Button>
          </div>
        </section>
        <p className="faint small">
          The token is sent once. This browser keeps a session instead, which ends after eight hours without use.
        </p>
      </form>
    </main>
  )
}
