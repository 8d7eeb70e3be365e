/** A screen was open before this one: then its heading takes the focus, and is read aloud. */
export const opened = { before: false };
