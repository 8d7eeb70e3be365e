/** The screens, in the order of the menu. */
export const screens = [
  'home',
  'login',
  'certificates',
  'pin',
  'uses',
  'practice',
  'check-up',
  'settings',
] as const;
export type Screen = (typeof screens)[number];
