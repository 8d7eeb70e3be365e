/** The languages that Lichna speaks, ISO 639-1; Bulgarian first. */
export const languages = ['bg', 'en'] as const;
export type Language = (typeof languages)[number];
