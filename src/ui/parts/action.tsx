import { useMutation } from '@tanstack/react-query'
import type { FormEvent, ReactNode } from 'react'

import { refresh } from '../net/live.ts'
import { messageOf } from './state.tsx'

/** A button, with what it takes: says what came of it, and has everything asked again. */
export function Action({
  label,
  run,
  children,
  isPrimary = false,
  isDisabled = false,
}: {
  readonly label: string
  /** @returns what came of it. @throws why nothing did */
  readonly run: (form: FormData) => Promise<ReactNode>
  /** Fields, by name in `form`. */
  readonly children?: ReactNode
  readonly isPrimary?: boolean
  readonly isDisabled?: boolean
}) {
  const mutation = useMutation({ mutationFn: run, onSuccess: () => void refresh() })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    mutation.mutate(new FormData(event.currentTarget))
  }
  return (
    <form className="action" onSubmit={submit} noValidate>
      {children}
      <button
        type="submit"
        className={isPrimary ? 'primary' : undefined}
        disabled={isDisabled || mutation.isPending}
      >
        {label}
      </button>
      <div className="outcome" role="status" data-failed={mutation.isError || undefined}>
        {mutation.isPending ? 'Waiting…' : null}
        {mutation.isError ? messageOf(mutation.error) : null}
        {mutation.isSuccess ? mutation.data : null}
      </div>
    </form>
  )
}

/** A named field of a form. */
export function Field({
  label,
  name,
  value = '',
  placeholder,
}: {
  readonly label: string
  readonly name: string
  readonly value?: string
  readonly placeholder?: string | undefined
}) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        defaultValue={value}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
      />
    </label>
  )
}
