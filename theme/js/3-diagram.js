// Diagrams. `cargo book diagrams` draws them when the book is built, with `bookDiagram.draw` in a
// headless browser, and pages hold the SVG. What was not drawn then is drawn here, by the same
// function, when the first such diagram comes near the window. Colours are CSS, see 4-diagram.css.
'use strict';

const bookDiagram = (() => {
    const SVG = 'http://www.w3.org/2000/svg';

    // Layout only: whatever mermaid says about colours is taken off again by `tidy`.
    const settings = fontFamily => ({
        startOnLoad: false,
        securityLevel: 'strict',
        suppressErrorRendering: true,
        theme: 'base',
        fontFamily,
        fontSize: 16,
        themeVariables: { fontSize: '16px' },
        // Text of SVG, not HTML in it: it cannot wrap anew in another font, and prints everywhere.
        htmlLabels: false,
        flowchart: {
            htmlLabels: false,
            useMaxWidth: false,
            curve: 'basis',
            padding: 8,
            nodeSpacing: 16,
            rankSpacing: 44,
            subGraphTitleMargin: { top: 6, bottom: 12 },
        },
        sequence: {
            useMaxWidth: false,
            mirrorActors: false,
            width: 130,
            height: 44,
            actorMargin: 40,
            messageMargin: 32,
            noteMargin: 8,
            boxMargin: 8,
        },
        state: { useMaxWidth: false, nodeSpacing: 24, rankSpacing: 44, padding: 8 },
        // A time line: a section is a lane, and its bars stand in one row.
        gantt: {
            useMaxWidth: false,
            useWidth: 424,
            displayMode: 'compact',
            fontSize: 16,
            sectionFontSize: 16,
            barHeight: 28,
            barGap: 8,
            leftPadding: 104,
            rightPadding: 12,
            gridLineStartPadding: 46,
            numberSectionStyles: 2,
        },
    });

    // The SVG element of a diagram, whose ids begin with `id`. mermaid's script must be there.
    async function draw(source, id) {
        mermaid.initialize(settings(getComputedStyle(document.documentElement).fontFamily));
        await document.fonts.ready;
        const stage = document.createElement('div');
        stage.className = 'diagram-stage';
        document.body.append(stage);
        try {
            const { svg } = await mermaid.render(id, source, stage);
            stage.innerHTML = svg;
            const drawing = stage.querySelector('svg');
            tidy(drawing, source, id);
            return drawing;
        } finally {
            stage.remove();
        }
    }

    function tidy(svg, source, id) {
        const kind = svg.getAttribute('aria-roledescription');
        if (kind === 'gantt') {
            cutToBars(svg);
        }
        linkBoxes(svg, source);
        raiseTitles(svg);
        // First, while it is on the stage: the middle of a label needs to be measured.
        svg.querySelectorAll('text').forEach(joinWords);
        simplifyEnds(svg);
        svg.querySelectorAll('style').forEach(style => style.remove());
        dropUnused(svg);
        nameMarkers(svg, id);
        svg.querySelectorAll('*').forEach(element => tidyAttributes(element));
        dropEmpty(svg);
        describe(svg, kind, id);
    }

    // mermaid makes a tspan of each word: one of each line is enough. Lines are centred at where
    // their middle was with the slack of `.diagram-stage` in them, whatever the reader's font.
    function joinWords(text) {
        const lines = [...text.querySelectorAll('.text-outer-tspan')];
        if (!lines.length || !text.textContent.trim()) {
            return;
        }
        const box = text.getBBox();
        for (const line of lines) {
            line.textContent = line.textContent.trim();
            line.setAttribute('x', box.x + box.width / 2);
            line.removeAttribute('class');
        }
        text.setAttribute('text-anchor', 'middle');
    }

    // Above its bars a time line has room for a title, which the page does not need.
    function cutToBars(svg) {
        svg.querySelectorAll('.titleText, .domain').forEach(part => part.remove());
        for (const text of svg.querySelectorAll('.taskText, .taskTextOutsideRight, .taskTextOutsideLeft')) {
            text.textContent = text.textContent.trim();
            text.setAttribute('class', text.classList[0]);
        }
        // The grid lies under the lanes, which would hide it.
        svg.querySelector('.grid').before(svg.querySelector('.section').parentElement);
        // Lanes and their names come lower than the middle of the bars.
        for (const [part, shift] of [['.section', 2], ['.sectionTitle', 4]]) {
            for (const element of svg.querySelectorAll(part)) {
                element.setAttribute('y', element.getAttribute('y') - shift);
            }
        }
        svg.querySelectorAll('.grid, .grid text').forEach(part => part.removeAttribute('font-size'));
        const { x, y, width, height } = svg.getBBox();
        svg.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
    }

    // The end of a state diagram comes as hand-drawn curves of some kilobytes.
    function simplifyEnds(svg) {
        for (const node of svg.querySelectorAll('.statediagram .node:not(:has(text, .state-start, .fork-join))')) {
            const circles = [['state-end', 7], ['state-end-inner', 3]].map(([name, radius]) => {
                const circle = document.createElementNS(SVG, 'circle');
                circle.setAttribute('class', name);
                circle.setAttribute('r', radius);
                return circle;
            });
            node.replaceChildren(...circles);
        }
    }

    // `%% box c_process href threads.html`: mermaid cannot link the title of a box.
    function linkBoxes(svg, source) {
        for (const [, box, href] of source.matchAll(/^\s*%% box (\S+) href (\S+)$/gm)) {
            const title = svg.querySelector(`.cluster[id$="${box}"] .cluster-label text`);
            if (title) {
                const link = document.createElementNS(SVG, 'a');
                link.setAttribute('href', href);
                title.replaceWith(link);
                link.append(title);
            }
        }
    }

    // Arrows that cross into a box go behind its title.
    function raiseTitles(svg) {
        for (const title of svg.querySelectorAll('.cluster-label')) {
            title.closest('.root').append(title);
        }
    }

    function dropUnused(svg) {
        svg.querySelectorAll('rect.background').forEach(background => background.remove());
        const uses = [...svg.querySelectorAll('*')].flatMap(element =>
            ['marker-start', 'marker-end', 'href', 'xlink:href'].map(name => element.getAttribute(name)));
        for (const part of svg.querySelectorAll('marker, symbol')) {
            if (!uses.some(use => use === `url(#${part.id})` || use === `#${part.id}`)) {
                part.remove();
            }
        }
    }

    // Several diagrams stand on one page: ids that they need are their own, others go.
    function nameMarkers(svg, id) {
        const names = new Map();
        svg.querySelectorAll('marker').forEach((marker, n) => {
            names.set(`url(#${marker.id})`, `url(#${id}-end-${n})`);
            marker.id = `${id}-end-${n}`;
        });
        for (const element of svg.querySelectorAll('[marker-start], [marker-end]')) {
            for (const end of ['marker-start', 'marker-end']) {
                const name = names.get(element.getAttribute(end));
                if (name) {
                    element.setAttribute(end, name);
                }
            }
        }
    }

    function tidyAttributes(element) {
        const link = element.getAttribute('xlink:href');
        if (link) {
            element.setAttribute('href', link);
        }
        for (const { name } of [...element.attributes]) {
            if (/^(style|fill|stroke|stroke-width|font-.*|xlink:href|data-.*|name|target|alignment-baseline|transform-origin|opacity)$/.test(name)
                || (name === 'id' && element.localName !== 'marker')) {
                element.removeAttribute(name);
            } else if (/^(d|points|transform|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|width|height|dy)$/.test(name)) {
                element.setAttribute(name, rounded(element.getAttribute(name)));
            }
        }
    }

    // A tenth of a pixel is enough, and much shorter.
    function rounded(numbers) {
        return numbers.replace(/-?\d*\.\d+(?:e-?\d+)?/g, number => String(Math.round(number * 10) / 10 + 0));
    }

    // Labels without text, their background, and groups of nothing else; innermost first.
    function dropEmpty(svg) {
        for (const element of [...svg.querySelectorAll('text, tspan, rect, g, defs')].reverse()) {
            const isEmpty = element.localName === 'rect'
                ? !element.hasAttribute('width')
                : !element.textContent.trim() && !element.children.length;
            const holdsBackgroundOnly = element.matches('.edgeLabel, .label')
                && !element.textContent.trim();
            if (isEmpty || holdsBackgroundOnly) {
                element.remove();
            }
        }
    }

    function describe(svg, kind, id) {
        const { x, y, width, height } = svg.viewBox.baseVal;
        const nodes = svg.querySelectorAll({
            sequence: 'rect.actor-top, .actor-man',
            gantt: '.sectionTitle',
        }[kind] ?? '.node:not(.statediagram-note):has(text)').length;
        for (const { name } of [...svg.attributes]) {
            svg.removeAttribute(name);
        }
        const attributes = {
            class: `drawing ${kind}`,
            viewBox: [x, y, width, height].map(number => Math.round(number * 10) / 10).join(' '),
            width: Math.ceil(width),
            height: Math.ceil(height),
            style: `--width:${Math.ceil(width)}px`,
            'data-nodes': nodes,
            // What is inside of an image is hidden from assistive technology, links too.
            role: svg.querySelector('a') ? 'group' : 'img',
        };
        for (const [part, name] of [['title', 'aria-labelledby'], ['desc', 'aria-describedby']]) {
            const element = svg.querySelector(`:scope > ${part}`);
            if (element) {
                element.id = `${id}-${part}`;
                attributes[name] = element.id;
            }
        }
        for (const [name, value] of Object.entries(attributes)) {
            svg.setAttribute(name, value);
        }
    }

    return { draw };
})();

(() => {
    const frames = [...document.querySelectorAll('figure.diagram, pre.mermaid')];
    frames.filter(frame => frame.matches('figure')).forEach(begin);

    const waiting = frames.filter(frame => frame.matches('pre'));
    const script = document.body.dataset.mermaid;
    if (!waiting.length || !script) {
        return;
    }
    const near = new IntersectionObserver(async entries => {
        if (entries.some(entry => entry.isIntersecting)) {
            near.disconnect();
            try {
                await load();
                for (const [n, frame] of waiting.entries()) {
                    await fill(frame, `drawn-${n + 1}`);
                }
            } catch (error) {
                console.error(error);
            }
        }
    }, { rootMargin: '800px' });
    waiting.forEach(frame => near.observe(frame));

    function load() {
        return new Promise((resolve, reject) => {
            const tag = document.createElement('script');
            tag.src = script;
            tag.onload = resolve;
            tag.onerror = () => reject(new Error(`${script} cannot be loaded`));
            document.head.append(tag);
        });
    }

    async function fill(frame, id) {
        try {
            frame.replaceChildren(await bookDiagram.draw(frame.textContent, id));
            frame.classList.add('drawn');
            begin(frame);
        } catch (error) {
            const said = document.createElement('p');
            said.textContent = bookWords.diagramFailed;
            frame.after(said);
            console.error(error);
        }
    }

    // Where the screen is too narrow, the frame scrolls: the keyboard must reach it, and it begins
    // where the reader is.
    function begin(frame) {
        if (frame.scrollWidth <= frame.clientWidth) {
            return;
        }
        frame.tabIndex = 0;
        const drawing = frame.querySelector('svg');
        frame.setAttribute('role', 'group');
        frame.setAttribute('aria-labelledby', drawing.getAttribute('aria-labelledby'));
        const here = drawing.querySelector('.node.here');
        if (here) {
            const place = here.getBoundingClientRect();
            const view = frame.getBoundingClientRect();
            frame.scrollLeft += place.left + place.width / 2 - view.left - view.width / 2;
        }
    }
})();
