/** The engineer's phone page: today's visits; speaks only the sync protocol after it is enrolled. */
import '$shared/design/tokens.css';
import '$shared/design/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { phone } from './phone.svelte';

// A code in the address is used once and must not stay in the history.
const code = /^#enrol=([0-9A-Za-z-]+)$/.exec(location.hash)?.[1];
if (code) history.replaceState(null, '', location.pathname);
void phone.start(code);
const target = document.getElementById('app');
if (target) mount(App, { target });
