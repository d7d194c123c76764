/** The console: log-in, dispatch, people, customers. */
import '$shared/design/tokens.css';
import '$shared/design/base.css';
import { mount } from 'svelte';
import { session } from '$shared/session.svelte';
import App from './App.svelte';

void session.start();
const target = document.getElementById('app');
if (target) mount(App, { target });
