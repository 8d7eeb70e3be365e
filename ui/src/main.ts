import { mount } from 'svelte';
import '@fontsource-variable/sofia-sans/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('#app is missing');

export default mount(App, { target });
