// Where a listing runs, and what happens there as a stream of events: the server behind the page; on
// published pages play.rust-lang.org, where it has all that the listing needs, or else the recorded
// run once more. Nothing is asked of anybody before a click. One global, `bookRun`.
'use strict';

const bookRun = (() => {
    const api = document.querySelector('meta[name="book-api"]')?.content;
    const token = document.querySelector('meta[name="book-token"]')?.content;
    // What play.rust-lang.org may take for all of its answer.
    const PATIENCE_MS = 5000;
    // Between two lines of a replayed run.
    const PACE_MS = 60;

    // 'here', 'playground' or 'recorded'.
    function place(figure) {
        if (token) {
            return 'here';
        }
        return 'playground' in figure.dataset ? 'playground' : 'recorded';
    }

    // What the server behind the page can do, see its API; asked once.
    const capabilities = token
        ? fetch(`${api}api/capabilities`).then(answer => answer.json()).catch(() => ({}))
        : Promise.resolve({});

    // Events of a run, see the server's API. `edit` is null, or { source, release }; `trace` asks for a
    // time line, where the server can draw one.
    function start(figure, edit, trace, signal) {
        switch (place(figure)) {
        case 'here':
            return here(figure.dataset.listing, edit, trace, signal);
        case 'playground':
            return playground(figure, edit, signal);
        default:
            return recorded(figure, signal);
        }
    }

    function post(call, body, signal) {
        return fetch(`${api}api/${call}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-book-token': token },
            body: JSON.stringify(body),
            signal,
        });
    }

    const stop = run => post('stop', { run });

    async function* here(id, edit, trace, signal) {
        const lang = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
        const answer = await (edit
            ? post('edit', { id, source: edit.source, release: edit.release, trace, lang }, signal)
            : post('run', { id, trace, lang }, signal));
        if (!answer.ok) {
            const said = await answer.json().catch(() => ({ error: answer.statusText }));
            yield { k: 'refused', text: [said.error, said.hint].filter(Boolean).join(': ') };
            return;
        }
        yield* lines(answer.body);
    }

    // One object a line, as the server flushes them.
    async function* lines(body) {
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = '';
        for (;;) {
            const { value, done } = await reader.read();
            if (done) {
                return;
            }
            const whole = (rest + value).split('\n');
            rest = whole.pop();
            for (const line of whole) {
                if (line) {
                    yield JSON.parse(line);
                }
            }
        }
    }

    async function* playground(figure, edit, signal) {
        yield { k: 'asking' };
        const begun = performance.now();
        let said;
        try {
            const answer = await fetch(document.body.dataset.playground, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({
                    channel: 'stable',
                    mode: edit?.release ? 'release' : 'debug',
                    edition: '2024',
                    crateType: 'bin',
                    tests: false,
                    backtrace: false,
                    code: edit ? edit.source : source(figure),
                }),
                signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
            });
            if (!answer.ok) {
                throw new Error(answer.statusText);
            }
            said = await answer.json();
        } catch (error) {
            if (signal.aborted) {
                throw error;
            }
            yield { k: 'unreached' };
            return;
        }
        // cargo's own lines end where the program starts, if it does.
        const parts = /^[\s\S]*?^ +Running `target\/.*\n/m.exec(said.stderr ?? '');
        const stderr = (said.stderr ?? '').slice(parts ? parts[0].length : 0);
        if (said.stdout) {
            yield { k: 'out', text: said.stdout };
        }
        if (parts) {
            if (stderr) {
                yield { k: 'err', text: stderr };
            }
        } else {
            yield* messages(stderr);
        }
        const wall = Math.round(performance.now() - begun);
        const why = parts || said.success ? 'played' : 'build-failed';
        yield { k: 'end', why, success: said.success, detail: said.exitDetail, wall_ms: wall };
    }

    // The compiler's messages in a terminal, one by one: each begins with its level.
    function* messages(text) {
        const said = text.split(/^(?=(?:error|warning)(?:\[E\d+\])?:)/m).slice(1);
        for (const message of said) {
            const [, level] = /^(error|warning)/.exec(message);
            const place = /^ *--> src\/main\.rs:(\d+):(\d+)/m.exec(message);
            if (!place && /aborting due to|could not compile|generated \d+ warning/.test(message)) {
                continue;
            }
            yield { k: 'diag', level, text: message.trimEnd(), line: place && Number(place[1]) };
        }
    }

    async function* recorded(figure, signal) {
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        for (const pane of figure.querySelectorAll('.listing-output:not(.listing-live) .terminal')) {
            for (const line of pane.textContent.match(/.*\n|.+$/g) ?? []) {
                if (!still) {
                    await new Promise(resolve => setTimeout(resolve, PACE_MS));
                    signal.throwIfAborted();
                }
                yield { k: pane.dataset.stream, text: line };
            }
        }
        yield { k: 'end', why: 'replayed' };
    }

    // The whole file of a listing: what the page shows, and what it leaves out.
    const sources = new Map();
    function source(figure) {
        return sources.get(figure);
    }
    // Before the call-outs are set: badges replace some of the text.
    for (const figure of document.querySelectorAll('figure.listing')) {
        const whole = figure.querySelector('.listing-whole code');
        const shown = figure.querySelector('.listing-code');
        const head = shown.dataset.head ?? '';
        const text = whole ? whole.textContent : head + shown.querySelector('code').textContent;
        // mdBook takes the last newline off.
        sources.set(figure, `${text.trimEnd()}\n`);
    }

    return { place, capabilities, start, stop, source };
})();
