// Views of a page under names of one's own, kept by the server for this operator: each is an address.
// What the words of an address mean is the page's.
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ask } from '../wire/ask.ts'
import { Button, Choice, Field } from './controls.tsx'
import { plainText } from './decide-text.ts'
import { textOfView, wordsOfText } from './decide-views.ts'
import { DialogForm } from './dialog-form.tsx'

const viewsQuery = (page: string) =>
  queryOptions({
    queryKey: ['listSavedViews', page],
    queryFn: async ({ signal }) => (await ask('listSavedViews', { query: { page }, signal })).items,
  })

export interface SavedViewsSaid {
  readonly page: string
  /** The words of the address that make the view. */
  readonly view: Readonly<Record<string, string | undefined>>
  readonly onChoose: (words: Readonly<Record<string, string>>) => void
}

interface NameSaid {
  readonly page: string
  readonly query: string
  readonly onClose: () => void
}

const NameDialog = ({ page, query, onClose }: NameSaid) => {
  const [name, setName] = useState('')
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => ask('saveView', { body: { page, name: name.trim(), query } }),
    onSuccess: async () => {
      await client.invalidateQueries(viewsQuery(page))
      onClose()
    },
  })
  const submit = (): void => {
    if (name.trim() !== '') save.mutate()
  }
  return (
    <DialogForm
      title="Save this view"
      verb="Save"
      doing={save}
      isDisabled={name.trim() === ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Name"
        value={name}
        onChange={setName}
        hint="Kept for you, in every browser. To share a view, copy its address."
        autoFocus
      />
    </DialogForm>
  )
}

export const SavedViews = ({ page, view, onChoose }: SavedViewsSaid) => {
  const { data: views = [] } = useQuery(viewsQuery(page))
  const [isNaming, setNaming] = useState(false)
  const client = useQueryClient()
  const forget = useMutation({
    mutationFn: (id: string) => ask('deleteSavedView', { params: { id } }),
    onSettled: () => client.invalidateQueries(viewsQuery(page)),
  })
  const query = textOfView(view)
  const current = views.find((one) => one.query === query)
  return (
    <>
      {views.length > 0 && (
        <Choice
          label="Saved view"
          value={current?.id ?? ''}
          none="Views"
          options={views.map(({ id, name }) => [id, plainText(name)] as const)}
          onChange={(id) => onChoose(wordsOfText(views.find((one) => one.id === id)?.query ?? ''))}
        />
      )}
      {current === undefined && query !== '' && (
        <Button tone="quiet" onPress={() => setNaming(true)}>
          Save view
        </Button>
      )}
      {current !== undefined && (
        <Button tone="quiet" isDisabled={forget.isPending} onPress={() => forget.mutate(current.id)}>
          Forget view
        </Button>
      )}
      {isNaming && <NameDialog page={page} query={query} onClose={() => setNaming(false)} />}
    </>
  )
}
