/** The screens, in the order of the menu. */
export const screens = ['home', 'certificates', 'pin', 'practice', 'check-up', 'settings'] as const;
export type Screen = (typeof screens)[number];
