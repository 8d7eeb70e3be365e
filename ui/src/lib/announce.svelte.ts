/** What a screen reader is to say without being asked, one thing at a time. */
class Announcement {
  text = $state('');
}

export const announcement = new Announcement();

export function announce(text: string): void {
  announcement.text = text;
}
