/** The engineer's phone page: today's visits; speaks only the sync protocol after it is enrolled. */
import '$shared/design/tokens.css';
import '$shared/design/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { phone } from './phone.svelte';

void phone.start();
const target = document.getElementById('app');
if (target) mount(App, { target });
