// Buttons, fields and dialogs as pages use them: the behaviour is react-aria's, the look is controls.css.
// What pressing or saving does is the page's.
import { type ReactNode, useState } from 'react'
import {
  Button as AriaButton,
  Dialog as AriaDialog,
  FieldError,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  Text,
  TextArea,
  TextField,
} from 'react-aria-components'
import { Declined } from '../wire/ask.ts'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonSaid {
  readonly children?: ReactNode
  readonly onPress?: () => void
  readonly tone?: 'main' | 'danger' | 'quiet' | undefined
  readonly type?: 'button' | 'submit'
  readonly icon?: IconName | undefined
  /** What it is called when nothing but its drawing is shown. */
  readonly label?: string
  readonly isDisabled?: boolean
}

export const Button = ({ children, onPress, tone, type = 'button', icon, label, isDisabled = false }: ButtonSaid) => (
  <AriaButton
    className="button"
    type={type}
    isDisabled={isDisabled}
    {...(onPress !== undefined && { onPress })}
    {...(tone !== undefined && { 'data-tone': tone })}
    {...(children === undefined && { 'data-shape': 'icon' })}
    {...(label !== undefined && { 'aria-label': label })}
  >
    {icon !== undefined && <Icon name={icon} />}
    {children}
  </AriaButton>
)

export interface FieldSaid {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
  readonly fault?: string | undefined
  readonly type?: 'text' | 'password' | 'number' | 'search'
  readonly isRequired?: boolean
  readonly lines?: number
  readonly placeholder?: string
  readonly autoFocus?: boolean
  readonly autoComplete?: string
}

export const Field = (said: FieldSaid) => {
  const { label, value, onChange, hint, fault, type = 'text', isRequired = false, lines, placeholder = '' } = said
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      type={type}
      isRequired={isRequired}
      isInvalid={fault !== undefined}
      validationBehavior="aria"
      autoComplete={said.autoComplete ?? 'off'}
      {...(said.autoFocus === true && { autoFocus: true })}
    >
      <Label>{label}</Label>
      {lines === undefined ? (
        <Input className="input" placeholder={placeholder} />
      ) : (
        <TextArea className="input" rows={lines} placeholder={placeholder} />
      )}
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="fault">{fault}</FieldError>
    </TextField>
  )
}

export interface ChoiceSaid<Value extends string> {
  readonly label: string
  readonly value: Value | ''
  readonly onChange: (value: Value | '') => void
  readonly options: readonly (readonly [value: Value, word: string])[]
  /** What is shown when nothing is chosen; without it something always is. */
  readonly none?: string
}

/** A native list of choices: it works with every keyboard, reader and thumb. */
export const Choice = <Value extends string>({ label, value, onChange, options, none }: ChoiceSaid<Value>) => (
  <select
    className="select"
    aria-label={label}
    value={value}
    {...(none !== undefined && value !== '' && { 'data-set': '' })}
    onChange={(event) => onChange(event.target.value as Value | '')}
  >
    {none !== undefined && <option value="">{none}</option>}
    {options.map(([one, word]) => (
      <option key={one} value={one}>
        {word}
      </option>
    ))}
  </select>
)

/** A choice among fields, with its word above it. */
export const ChoiceField = <Value extends string>(said: ChoiceSaid<Value>) => (
  <div className="field">
    <span className="label">{said.label}</span>
    <Choice {...said} />
  </div>
)

export interface DialogSaid {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

export const Dialog = ({ title, isOpen, onClose, children }: DialogSaid) => (
  <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => open || onClose()} isDismissable>
    <Modal className="dialog">
      <AriaDialog>
        <Heading slot="title">{title}</Heading>
        {children}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
)

/** Why the API declined, where whoever asked looks. */
export const Trouble = ({ fault }: { readonly fault: unknown }) => {
  if (fault === null || fault === undefined) return null
  const { message, requestId } =
    fault instanceof Declined ? fault : { message: 'Something went wrong here.', requestId: '' }
  return (
    <div className="notice tone-critical" role="alert">
      <Icon name="critical" />
      <div>
        {message}
        {requestId !== '' && <div className="faint small mono">{requestId}</div>}
      </div>
    </div>
  )
}

/** Copies a text and says that it did. */
export const CopyButton = ({ text, children = 'Copy' }: { readonly text: string; readonly children?: string }) => {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    })
  }
  return (
    <Button onPress={copy} icon={isCopied ? 'check' : 'copy'}>
      <span aria-live="polite">{isCopied ? 'Copied' : children}</span>
    </Button>
  )
}
