/** What is wrong with what a page shows: for who enlarges it, and for who has keys alone. */
import type { Page } from '@playwright/test';

/** What does not fit: beyond the window, wider than its place, cut, or one on the other. */
export const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const scope = document.querySelector('dialog[open]') ?? document.body;
    const width = document.documentElement.clientWidth;
    const called = (one: Element): string =>
      `${one.tagName.toLowerCase()}.${one.getAttribute('class') ?? ''} “${one.textContent?.trim().slice(0, 40)}”`;
    if (document.documentElement.scrollWidth > width) found.push('the page scrolls sideways');

    const all = [...scope.querySelectorAll<HTMLElement>('*')].filter(
      (one) => one.checkVisibility() && !one.closest('.unseen, .skip'),
    );
    for (const one of all) {
      const box = one.getBoundingClientRect();
      if (one.closest('svg')) {
        const drawing = one.closest('svg')?.getBoundingClientRect();
        const outside = drawing && (box.right > drawing.right + 1 || box.left < drawing.left - 1);
        if (one.tagName === 'text' && outside) found.push(`beyond its drawing: ${called(one)}`);
        continue;
      }
      if (box.right > width + 1 || box.left < -1) found.push(`beyond the window: ${called(one)}`);
      // What a person types may be longer than its field.
      if (one.clientWidth === 0 || one.matches('input, select, textarea')) continue;
      if (one.scrollWidth > one.clientWidth + 1) found.push(`wider than its place: ${called(one)}`);
      const cut = getComputedStyle(one).overflowY !== 'visible';
      const scrolls = one.matches('nav, dialog');
      if (cut && !scrolls && one.scrollHeight > one.clientHeight + 1) {
        found.push(`cut: ${called(one)}`);
      }
    }

    const lines: { of: Element; box: DOMRect }[] = [];
    for (const one of all) {
      if (one.closest('svg')) continue;
      for (const node of one.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE || node.nodeValue?.trim() === '') continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
          // A letter's box is higher than its line.
          const inner = box.height / 4;
          const { left, top, width: wide, height } = box;
          lines.push({ of: one, box: new DOMRect(left, top + inner, wide, height - 2 * inner) });
        }
      }
    }
    lines.forEach((one, at) => {
      for (const other of lines.slice(at + 1)) {
        const [a, b] = [one.box, other.box];
        const aside = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const below = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (aside > 1 && below > 1) {
          found.push(`one on the other: ${called(one.of)}, ${called(other.of)}`);
        }
      }
    });
    return found;
  });

declare global {
  interface Window {
    /** What the Tab key should come to, in this order. */
    stops: HTMLElement[];
  }
}

/** Goes through what lies in front with the Tab key, once round: what it does not come to, in the order in
 *  which it stands, or where one would not see that one is there. */
export async function lost(page: Page, within: 'body' | 'main'): Promise<string[]> {
  const many = await page.evaluate((inside) => {
    const dialogue = document.querySelector('dialog[open]');
    const scope = dialogue ?? document.querySelector(inside) ?? document.body;
    const all = [
      ...scope.querySelectorAll<HTMLElement>(
        'a[href], button, input, select, textarea, summary, [tabindex="0"]',
      ),
    ].filter(
      (one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(':disabled'),
    );
    // Of radio buttons, one is come to; the arrow keys do the rest.
    window.stops = all.filter((one) => {
      if (!(one instanceof HTMLInputElement) || one.type !== 'radio') return true;
      const group = all.filter(
        (other) => other instanceof HTMLInputElement && other.name === one.name,
      ) as HTMLInputElement[];
      return one === (group.find((other) => other.checked) ?? group[0]);
    });
    if (!dialogue && inside === 'main') document.querySelector('main')?.focus();
    else window.stops.at(-1)?.focus();
    return window.stops.length;
  }, within);
  const found: string[] = [];
  for (let at = 0; at < many; at += 1) {
    await page.keyboard.press('Tab');
    // From the last, the way to the first leads over the window itself.
    if (at === 0 && (await page.evaluate(() => document.activeElement === document.body))) {
      await page.keyboard.press('Tab');
    }
    const fault = await page.evaluate((index) => {
      const wanted = window.stops[index];
      const on = document.activeElement;
      const called = (one: Element | null | undefined): string =>
        `${one?.tagName.toLowerCase()} “${one?.textContent?.trim().slice(0, 40)}”`;
      if (!wanted || on !== wanted) return `${called(wanted)} was not come to, but ${called(on)}`;
      const { outlineStyle, outlineWidth } = getComputedStyle(wanted);
      if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) {
        return `${called(wanted)} is not marked`;
      }
      const box = wanted.getBoundingClientRect();
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (!top || !(wanted.contains(top) || top.contains(wanted))) {
        return `${called(wanted)} is out of sight`;
      }
      return null;
    }, at);
    if (fault) found.push(fault);
  }
  return found;
}
