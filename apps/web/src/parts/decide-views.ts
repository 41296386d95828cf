// A view of a page as the text of its address, the same however it was put together; pure.
// Under which name it is kept is saved-views.tsx.

type Said = Readonly<Record<string, string | undefined>>

export const textOfView = (view: Said): string =>
  String(
    new URLSearchParams(
      Object.entries(view)
        .flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))
        .toSorted(([left = ''], [right = '']) => (left < right ? -1 : 1)),
    ),
  )

export const wordsOfText = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(text))
