/** The customer's page: was it solved, and is he content? No log-in; the link says which work it is about. */
import '$shared/design/tokens.css';
import '$shared/design/base.css';
import { mount } from 'svelte';
import { Question } from './answer.svelte';
import App from './App.svelte';

const question = new Question(location.hash.slice(1));
void question.load();
const target = document.getElementById('app');
if (target) mount(App, { target, props: { question } });
// Another link in the same tab is another page.
addEventListener('hashchange', () => location.reload());
