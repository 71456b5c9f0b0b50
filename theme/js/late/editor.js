// The editor of a listing: a plain textarea over its highlighted text, with line numbers and marks.
// Loaded at the first click on Edit. One global, `bookEditor`.
'use strict';

const bookEditor = (() => {
    const words = bookWords;
    const INDENT = '    ';
    // Beyond this, highlighting at each key stroke would be felt.
    const HIGHLIGHT_CHARS = 30000;

    // The copy that a reader has made of a listing, kept in the browser with the book's text of then.
    const kept = {
        key: id => `book-edit:${id}`,
        read(id) {
            try {
                return JSON.parse(localStorage.getItem(this.key(id)));
            } catch {
                return null;
            }
        },
        // Whether it was kept.
        write(id, source, of) {
            try {
                if (source === of) {
                    localStorage.removeItem(this.key(id));
                } else {
                    localStorage.setItem(this.key(id), JSON.stringify({ source, of }));
                }
                return true;
            } catch {
                return false;
            }
        },
    };

    // Opens the editor of a figure in its Rust pane. `original` is the book's text; `onRun` is called
    // for Ctrl+Enter, `onChange` with whether the text is not the book's.
    function open({ figure, pane, name, original, place, onRun, onChange }) {
        const id = figure.dataset.listing;
        const copy = kept.read(id);
        const root = element('div', 'editor');
        const code = root.appendChild(element('div', 'editor-code'));
        const gutter = code.appendChild(element('div', 'editor-gutter'));
        gutter.setAttribute('aria-hidden', 'true');
        const stack = code.appendChild(element('div', 'editor-stack'));
        const shown = stack.appendChild(element('pre', 'editor-shown'));
        shown.setAttribute('aria-hidden', 'true');
        const colours = shown.appendChild(element('code', 'language-rust hljs'));
        const text = stack.appendChild(element('textarea', 'editor-text'));
        Object.assign(text, { value: copy?.source ?? original, spellcheck: false, autocapitalize: 'off', autocomplete: 'off', wrap: 'off' });
        text.setAttribute('autocorrect', 'off');
        text.setAttribute('translate', 'no');
        text.lang = 'en';
        text.setAttribute('aria-label', words.editor(name));
        const bar = root.appendChild(element('div', 'editor-bar'));
        const release = releaseSwitch();
        const reset = element('button', 'reset', words.reset);
        reset.type = 'button';
        reset.setAttribute('aria-label', words.resetListing(name));
        bar.append(release.label, reset);
        const note = root.appendChild(element('p', 'editor-note'));
        note.id = `${figure.id}-editor-note`;
        text.setAttribute('aria-describedby', note.id);
        pane.append(root);
        pane.classList.add('editing');

        let lines = 0;
        let marks = new Map();
        let isKept = true;

        function show() {
            const source = text.value;
            // A last empty line must have a height, too.
            colours.textContent = `${source}\n`;
            if (source.length < HIGHLIGHT_CHARS && typeof hljs !== 'undefined') {
                hljs.highlightBlock(colours);
            }
            const now = source.split('\n').length;
            if (now !== lines) {
                lines = now;
                number();
            }
            const changed = source !== original;
            reset.disabled = !changed;
            const stale = changed && copy && copy.of !== original && copy.source === source;
            note.textContent = [
                stale && words.editorStale,
                changed && (isKept ? words.editorKept : words.editorNotKept),
                words.editorKeys,
                words.editorRights[place],
            ].filter(Boolean).join(' ');
            onChange(changed);
        }

        function number() {
            gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
                const level = marks.get(at + 1);
                return element('span', level ? `is-${level}` : '', String(at + 1));
            }));
        }

        function keep() {
            isKept = kept.write(id, text.value, original);
        }

        function goTo(line) {
            const before = text.value.split('\n').slice(0, line - 1);
            const start = before.reduce((sum, part) => sum + part.length + 1, 0);
            text.focus();
            text.setSelectionRange(start, start);
            gutter.children[line - 1]?.scrollIntoView({ block: 'center' });
        }

        text.addEventListener('input', () => {
            keep();
            show();
        });
        // The page has keys of its own: arrows turn it, `s` searches.
        let leaves = false;
        text.addEventListener('keydown', event => {
            event.stopPropagation();
            // The input method has not finished its character yet.
            if (event.isComposing || event.keyCode === 229) {
                return;
            }
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                onRun();
            } else if (event.key === 'Tab' && !leaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
                event.preventDefault();
                indent(text, event.shiftKey);
            } else if (event.key === 'Enter' && !event.altKey && !event.shiftKey) {
                event.preventDefault();
                const line = text.value.slice(0, text.selectionStart).split('\n').at(-1);
                insert(text, `\n${/^ */.exec(line)[0]}`);
            }
            leaves = event.key === 'Escape' || (leaves && event.key === 'Shift');
        });
        // One click is no reason to lose an hour's work; Reset asks once more, in its own place.
        let sure = null;
        const unsure = () => {
            clearTimeout(sure);
            sure = null;
            reset.textContent = words.reset;
        };
        reset.addEventListener('click', () => {
            if (sure === null) {
                reset.textContent = words.resetSure;
                sure = setTimeout(unsure, 4000);
                return;
            }
            unsure();
            text.value = original;
            mark([]);
            keep();
            show();
            text.focus();
        });
        reset.addEventListener('blur', unsure);

        // Marks lines: pairs of line and level, `error` or `warning`; an error outweighs a warning.
        function mark(pairs) {
            marks = new Map();
            for (const [line, level] of pairs) {
                if (line && marks.get(line) !== 'error') {
                    marks.set(line, level);
                }
            }
            number();
        }

        show();
        text.focus();
        text.setSelectionRange(0, 0);
        return {
            source: () => text.value,
            release: () => release.box.checked,
            mark,
            goTo,
            close() {
                root.remove();
                pane.classList.remove('editing');
            },
        };
    }

    // Through the browser's own command, so that Ctrl+Z takes it back.
    function insert(text, what) {
        if (!document.execCommand('insertText', false, what)) {
            text.setRangeText(what, text.selectionStart, text.selectionEnd, 'end');
            text.dispatchEvent(new Event('input'));
        }
    }

    function indent(text, back) {
        const { value, selectionStart: start, selectionEnd: end } = text;
        if (start === end && !back) {
            const column = start - (value.lastIndexOf('\n', start - 1) + 1);
            insert(text, INDENT.slice(column % INDENT.length));
            return;
        }
        const first = value.lastIndexOf('\n', start - 1) + 1;
        const lines = value.slice(first, end).split('\n');
        const moved = lines.map(line => {
            if (!back) {
                return line && INDENT + line;
            }
            return line.replace(/^ {1,4}/, '');
        }).join('\n');
        text.setSelectionRange(first, end);
        insert(text, moved);
        text.setSelectionRange(first, first + moved.length);
    }

    function releaseSwitch() {
        const label = element('label', 'release');
        const box = label.appendChild(element('input', ''));
        box.type = 'checkbox';
        label.append(` ${words.release}`);
        label.title = words.releaseHint;
        return { label, box };
    }

    function element(tag, className, content) {
        const made = document.createElement(tag);
        made.className = className;
        if (content !== undefined) {
            made.textContent = content;
        }
        return made;
    }

    return { open };
})();
