// Listings: tabs, Copy, call-outs, Run and Edit.
'use strict';

(() => {
    const words = bookWords;
    // Beyond this the server takes no program.
    const SOURCE_KIB = 64;

    for (const figure of document.querySelectorAll('figure.listing')) {
        const panes = [...figure.querySelectorAll('.listing-code')];
        const name = figure.dataset.listing.split('/')[1];
        const bar = element('div', 'listing-bar');
        figure.querySelector('figcaption').after(bar);
        const chosen = panes.length > 1 ? tabs(figure, panes) : null;
        bar.append(chosen ? chosen.list : element('div', 'listing-tabs'));
        bar.append(copyButton(figure, panes, name));
        if (figure.dataset.kind !== 'library') {
            controls(figure, bar, panes[0], name, () => chosen?.select(0));
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

    // Text in which names stand between backticks.
    function sentence(tag, className, text) {
        const made = element(tag, className);
        text.split('`').forEach((part, at) => {
            made.append(at % 2 ? element('code', '', part) : part);
        });
        for (const code of made.querySelectorAll('code')) {
            code.lang = 'en';
            code.translate = false;
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
            for (const recorded of figure.querySelectorAll('.listing-timeline')) {
                recorded.hidden = recorded.dataset.of !== panes[chosen].dataset.tab;
            }
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
        return { list, select };
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

    // Run, and Edit where a changed copy can run. `showRust` brings the tab of the Rust code to the front.
    function controls(figure, bar, pane, name, showRust) {
        const place = bookRun.place(figure);
        const refused = figure.dataset.kind === 'refused';
        if (refused && place !== 'here') {
            return;
        }
        const run = button('run', '');
        const draw = button('timeline-button', words.timeline, words.timelineListing(name));
        let editor = null;
        let running = null;

        function label() {
            const [text, name_] = running
                ? [words.stop, words.stop]
                : editor ? [words.run, words.runEdited(name)]
                    : place === 'recorded' ? [words.replay, words.replayListing(name)]
                        : refused ? [words.compile, words.compileListing(name)]
                            : [words.run, words.runListing(name)];
            run.textContent = text;
            run.setAttribute('aria-label', name_);
            run.classList.toggle('stop', Boolean(running));
            draw.disabled = Boolean(running);
        }

        async function start(trace = false) {
            const edit = editor && { source: editor.source(), release: editor.release() };
            const panel = livePanel(figure, place === 'recorded');
            if (edit && new TextEncoder().encode(edit.source).length > SOURCE_KIB * 1024) {
                panel.verdict(words.tooLarge(SOURCE_KIB), true);
                return;
            }
            const abort = new AbortController();
            running = { abort, id: null };
            label();
            editor?.mark([]);
            const marks = [];
            try {
                for await (const event of bookRun.start(figure, edit, trace, abort.signal)) {
                    running.id = event.run ?? running.id;
                    show(panel, event, edit);
                    if (event.k === 'diag' && edit) {
                        marks.push([event.line, event.level]);
                        editor?.mark(marks);
                    }
                }
                if (!panel.ended()) {
                    panel.verdict(words.lost, true);
                }
            } catch (error) {
                panel.verdict(error.name === 'AbortError' ? words.ends.stopped() : words.lost, true);
            } finally {
                running = null;
                label();
            }
        }

        function show(panel, event, edit) {
            switch (event.k) {
            case 'start':
                panel.verdict('');
                break;
            case 'asking':
                panel.verdict(words.asking);
                break;
            case 'build':
                panel.verdict(words.building(event.text));
                break;
            case 'out':
            case 'err':
                panel.print(event.text, event.k);
                break;
            case 'diag':
                panel.diagnose(event, edit && (line => editor?.goTo(line)));
                break;
            case 'deadlock':
                panel.stuck(event.says);
                break;
            case 'timeline':
                panel.draw(event);
                break;
            case 'refused':
                panel.verdict(words.refused(event.text), true);
                break;
            case 'unreached':
                panel.verdict(edit ? words.unreachedEdit : words.unreached, true);
                break;
            case 'end': {
                const left = event.leftovers ? words.leftovers(event.leftovers) : '';
                const good = event.why === 'replayed' || (event.why === 'played' && event.success)
                    || (event.why === 'exit' && event.code === 0);
                panel.verdict((words.ends[event.why] ?? (() => event.why))(event) + left, !good);
                break;
            }
            }
        }

        function stop() {
            // Before it has a name, leaving is the way to stop it.
            if (running.id) {
                bookRun.stop(running.id).catch(() => running?.abort.abort());
            } else {
                running.abort.abort();
            }
        }

        run.addEventListener('click', () => (running ? stop() : start()));
        draw.addEventListener('click', () => start(true));
        if (place !== 'recorded') {
            bar.append(editButton());
        }
        bar.append(run);
        label();
        if (place === 'here' && !refused) {
            bookRun.capabilities.then(can => {
                if (can.trace) {
                    run.before(draw);
                } else if (can.trace_why_not) {
                    const note = element('p', 'listing-note', words.timelineNot(can.trace_why_not));
                    figure.querySelector('.listing-timeline')?.before(note);
                }
            });
        }

        function editButton() {
            const edit = button('edit', words.edit, words.editListing(name));
            edit.setAttribute('aria-pressed', 'false');
            mark(Boolean(keptCopy(figure)));
            function mark(changed) {
                edit.textContent = changed ? `${words.edit} · ${words.edited}` : words.edit;
            }
            edit.addEventListener('click', async () => {
                if (editor) {
                    editor.close();
                    editor = null;
                } else {
                    try {
                        await editorScript();
                    } catch {
                        livePanel(figure).verdict(words.editorFailed, true);
                        return;
                    }
                    showRust();
                    editor ??= bookEditor.open({
                        figure,
                        pane,
                        name,
                        original: bookRun.source(figure),
                        place,
                        onRun: () => running || start(),
                        onChange: mark,
                    });
                }
                edit.setAttribute('aria-pressed', String(Boolean(editor)));
                label();
            });
            return edit;
        }
    }

    // What the editor has kept of this listing, if anything.
    function keptCopy(figure) {
        try {
            return localStorage.getItem(`book-edit:${figure.dataset.listing}`);
        } catch {
            return null;
        }
    }

    let loading = null;
    function editorScript() {
        loading ??= new Promise((resolve, reject) => {
            const script = document.createElement('script');
            script.src = document.body.dataset.editor;
            script.onload = resolve;
            script.onerror = () => {
                loading = null;
                script.remove();
                reject(new Error(`${script.src} cannot be loaded`));
            };
            document.head.append(script);
        });
        return loading;
    }

    function livePanel(figure, replays = false) {
        figure.querySelector('.listing-live')?.remove();
        const recorded = figure.querySelector('.listing-output:not(.listing-live)');
        const panel = element('div', 'listing-output listing-live');
        const label = element('p', 'listing-label', replays ? words.replayed : words.live);
        const output = element('pre', 'terminal');
        output.setAttribute('role', 'log');
        output.setAttribute('aria-live', 'polite');
        output.setAttribute('aria-label', label.textContent);
        output.tabIndex = 0;
        const text = output.appendChild(element('samp', ''));
        const verdict = element('p', 'verdict', words.starting);
        verdict.setAttribute('role', 'status');
        const messages = element('ol', 'diagnostics');
        messages.setAttribute('aria-label', words.messages);
        messages.hidden = true;
        panel.append(label, messages, output, verdict);
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
            // A message of the compiler; `goTo` brings its line into view, where there is an editor.
            diagnose({ level, text: said, line }, goTo) {
                const item = messages.appendChild(element('li', `is-${level}`));
                if (line && goTo) {
                    const place = item.appendChild(button('', words.line(line), words.goToLine(line)));
                    place.addEventListener('click', () => goTo(line));
                }
                const message = item.appendChild(element('pre', 'terminal'));
                message.tabIndex = 0;
                message.appendChild(element('samp', '', said));
                messages.hidden = false;
            },
            // Who waits for whom, in sentences.
            stuck(says) {
                const story = element('div', 'stuck');
                story.setAttribute('role', 'status');
                story.append(...says.map(said => sentence('p', '', said)));
                verdict.before(story);
            },
            // Our own server drew it; even so nothing of it is ever taken for a script.
            draw({ svg, summary }) {
                const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
                const frame = element('div', 'timeline');
                frame.tabIndex = 0;
                frame.setAttribute('role', 'group');
                frame.setAttribute('aria-label', words.timelineTitle);
                frame.append(document.importNode(parsed, true));
                if (!panel.querySelector('.stuck')) {
                    verdict.before(sentence('p', 'story', summary));
                }
                verdict.before(frame);
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
