/** The page that judges a record's bundle. It asks the server for nothing: what is judged stays in the browser. */
import '$shared/design/tokens.css';
import '$shared/design/base.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
