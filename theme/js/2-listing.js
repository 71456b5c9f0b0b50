// Listings: tabs, Copy, call-outs, and Run where a server stands behind the page.
'use strict';

(() => {
    const words = bookWords;
    const token = document.querySelector('meta[name="book-token"]')?.content;

    for (const figure of document.querySelectorAll('figure.listing')) {
        const panes = [...figure.querySelectorAll('.listing-code')];
        const name = figure.dataset.listing.split('/')[1];
        const bar = element('div', 'listing-bar');
        figure.querySelector('figcaption').after(bar);
        if (panes.length > 1) {
            bar.append(tabs(figure, panes));
        } else {
            bar.append(element('div', 'listing-tabs'));
        }
        bar.append(copyButton(figure, panes, name));
        if (token && figure.dataset.kind === 'program') {
            bar.append(runButton(figure, name));
        }
    }

    // After mdBook's own script has highlighted the code.
    for (const comment of document.querySelectorAll('figure.listing .hljs-comment')) {
        badge(comment);
    }

    function element(tag, className, text) {
        const made = document.createElement(tag);
        made.className = className;
        if (text !== undefined) {
            made.textContent = text;
        }
        return made;
    }

    function button(className, text, label) {
        const made = element('button', className, text);
        made.type = 'button';
        if (label) {
            made.setAttribute('aria-label', label);
        }
        return made;
    }

    // `// (1) why` becomes a badge and the rest of the comment.
    function badge(comment) {
        const parts = /^(\/\/|#) ?((?:\(\d+\) ?)+)([\s\S]*)$/.exec(comment.textContent);
        if (!parts) {
            return;
        }
        const badges = [...parts[2].matchAll(/\((\d+)\)/g)].map(([, n]) => element('span', 'call-out', n));
        comment.replaceChildren(...badges, parts[3] ? ` ${parts[3]}` : '');
    }

    function tabs(figure, panes) {
        const list = element('div', 'listing-tabs');
        list.setAttribute('role', 'tablist');
        list.setAttribute('aria-label', words.tabs);
        const buttons = panes.map((pane, at) => {
            const tab = button('', pane.dataset.tab);
            tab.setAttribute('role', 'tab');
            tab.id = `${figure.id}-tab-${at}`;
            pane.id = `${figure.id}-pane-${at}`;
            tab.setAttribute('aria-controls', pane.id);
            pane.setAttribute('role', 'tabpanel');
            pane.setAttribute('aria-labelledby', tab.id);
            pane.classList.add('tabbed');
            pane.open = true;
            tab.addEventListener('click', () => select(at));
            return tab;
        });
        function select(chosen) {
            buttons.forEach((tab, at) => {
                tab.setAttribute('aria-selected', at === chosen);
                tab.tabIndex = at === chosen ? 0 : -1;
                panes[at].hidden = at !== chosen;
            });
        }
        list.addEventListener('keydown', event => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (step === undefined) {
                return;
            }
            // mdBook turns the page with the arrow keys.
            event.preventDefault();
            event.stopPropagation();
            const now = buttons.indexOf(document.activeElement);
            const next = (now + step + buttons.length) % buttons.length;
            select(next);
            buttons[next].focus();
        });
        select(0);
        list.append(...buttons);
        return list;
    }

    function copyButton(figure, panes, name) {
        const copy = button('copy', words.copy, words.copyListing(name));
        // The text as it was written: badges have replaced some of it on the page.
        const sources = panes.map(pane => pane.querySelector('pre code').textContent);
        copy.addEventListener('click', async () => {
            const shown = panes.findIndex(pane => !pane.hidden);
            try {
                await navigator.clipboard.writeText(sources[shown]);
            } catch {
                return;
            }
            copy.textContent = words.copied;
            setTimeout(() => { copy.textContent = words.copy; }, 1500);
        });
        return copy;
    }

    function runButton(figure, name) {
        const run = button('run', words.run, words.runListing(name));
        let stopRun = null;
        run.addEventListener('click', async () => {
            if (stopRun) {
                stopRun();
                return;
            }
            const panel = livePanel(figure);
            const abort = new AbortController();
            let id = null;
            stopRun = () => (id ? post('stop', { run: id }) : Promise.resolve(abort.abort()));
            run.textContent = words.stop;
            run.classList.add('stop');
            run.setAttribute('aria-label', words.stop);
            try {
                const answer = await post('run', { id: figure.dataset.listing, trace: false }, abort.signal);
                if (!answer.ok) {
                    const said = await answer.json().catch(() => ({ error: answer.statusText }));
                    panel.verdict(words.refused([said.error, said.hint].filter(Boolean).join(' ')), true);
                    return;
                }
                for await (const event of events(answer.body)) {
                    if (event.k === 'start') {
                        id = event.run;
                        panel.verdict('');
                    } else if (event.k === 'build') {
                        panel.verdict(words.building);
                    } else if (event.k === 'out' || event.k === 'err') {
                        panel.print(event.text, event.k);
                    } else if (event.k === 'diag') {
                        panel.print(`${event.text}\n`, 'err');
                    } else if (event.k === 'end') {
                        const left = event.leftovers ? words.leftovers(event.leftovers) : '';
                        const bad = event.why !== 'exit' || event.code !== 0;
                        panel.verdict(words.ends[event.why](event) + left, bad);
                    }
                }
                if (!panel.ended()) {
                    panel.verdict(words.lost, true);
                }
            } catch (error) {
                panel.verdict(error.name === 'AbortError' ? words.ends.stopped() : words.lost, true);
            } finally {
                stopRun = null;
                run.textContent = words.run;
                run.classList.remove('stop');
                run.setAttribute('aria-label', words.runListing(name));
            }
        });
        return run;
    }

    function post(call, body, signal) {
        return fetch(`/api/${call}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-book-token': token },
            body: JSON.stringify(body),
            signal,
        });
    }

    // One object a line, as the server flushes them.
    async function* events(body) {
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = '';
        for (;;) {
            const { value, done } = await reader.read();
            if (done) {
                return;
            }
            const lines = (rest + value).split('\n');
            rest = lines.pop();
            for (const line of lines) {
                if (line) {
                    yield JSON.parse(line);
                }
            }
        }
    }

    function livePanel(figure) {
        figure.querySelector('.listing-live')?.remove();
        const recorded = figure.querySelector('.listing-output:not(.listing-live)');
        const panel = element('div', 'listing-output listing-live');
        const label = element('p', 'listing-label', words.live);
        const output = element('pre', 'terminal');
        output.setAttribute('role', 'log');
        output.setAttribute('aria-live', 'polite');
        output.setAttribute('aria-label', words.live);
        output.tabIndex = 0;
        const text = output.appendChild(element('samp', ''));
        const verdict = element('p', 'verdict', words.starting);
        verdict.setAttribute('role', 'status');
        panel.append(label, output, verdict);
        if (recorded) {
            recorded.before(panel);
        } else {
            figure.append(panel);
        }
        let ended = false;
        return {
            print(chunk, stream) {
                const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
                text.append(stream === 'err' ? element('span', 'err', chunk) : chunk);
                if (atEnd) {
                    output.scrollTop = output.scrollHeight;
                }
            },
            verdict(said, bad) {
                ended = bad !== undefined;
                verdict.textContent = said;
                verdict.classList.toggle('bad', bad === true);
            },
            ended: () => ended,
        };
    }
})();
