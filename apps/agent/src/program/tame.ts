// Text out of files and from servers, made harmless for a terminal: it may not move the cursor or turn letters around.
// JSON output needs none of this; it escapes by itself.

/** Control characters and those that change the direction of text become question marks. */
export const tame = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '?')
