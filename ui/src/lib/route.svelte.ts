/** Which screen is shown. It stands in the address, so that "back" works. */
import { screens, type Screen } from './screens';

function fromAddress(): Screen {
  const named = location.hash.replace(/^#\/?/, '');
  return screens.find((screen) => screen === named) ?? 'home';
}

class Route {
  screen = $state<Screen>(fromAddress());

  constructor() {
    window.addEventListener('hashchange', () => (this.screen = fromAddress()));
  }
}

export const route = new Route();

export const address = (screen: Screen): string => `#/${screen}`;
