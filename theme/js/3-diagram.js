// Diagrams: mermaid is loaded when the first one comes near the window, and draws again when the
// theme changes, so that it measures with the right fonts; colours follow by CSS alone.
'use strict';

(() => {
    const diagrams = [...document.querySelectorAll('pre.mermaid')];
    const script = document.body.dataset.mermaid;
    if (!diagrams.length || !script) {
        return;
    }
    const sources = new Map(diagrams.map(diagram => [diagram, diagram.textContent]));
    // Natural width times this is the narrowest a diagram becomes; below it the figure scrolls.
    // Labels of 16 px stay at 12 px.
    const NARROWEST = 0.75;
    let loading = null;
    let count = 0;

    const near = new IntersectionObserver(entries => {
        if (entries.some(entry => entry.isIntersecting)) {
            near.disconnect();
            load().then(drawAll);
        }
    }, { rootMargin: '800px' });
    diagrams.forEach(diagram => near.observe(diagram));

    function load() {
        loading ??= new Promise((resolve, reject) => {
            const tag = document.createElement('script');
            tag.src = script;
            tag.onload = resolve;
            tag.onerror = reject;
            document.head.append(tag);
        });
        return loading;
    }

    async function drawAll() {
        mermaid.initialize({
            startOnLoad: false,
            securityLevel: 'strict',
            theme: 'base',
            fontFamily: getComputedStyle(document.documentElement).fontFamily,
            themeVariables: { fontSize: '16px', edgeLabelBackground: 'transparent' },
            flowchart: {
                useMaxWidth: false,
                curve: 'basis',
                padding: 8,
                nodeSpacing: 14,
                rankSpacing: 44,
                subGraphTitleMargin: { top: 4, bottom: 10 },
            },
        });
        await document.fonts.ready;
        for (const diagram of diagrams) {
            await draw(diagram, sources.get(diagram));
        }
    }

    async function draw(diagram, source) {
        try {
            count += 1;
            const { svg } = await mermaid.render(`diagram-${count}`, source);
            diagram.innerHTML = svg;
            diagram.classList.add('drawn');
            const drawn = diagram.querySelector('svg');
            const width = drawn.viewBox.baseVal.width;
            drawn.style.maxWidth = `${width}px`;
            drawn.style.minWidth = `${Math.round(width * NARROWEST)}px`;
            drawn.style.width = '100%';
            linkBoxes(drawn, source);
            // On a narrow screen, begin where the reader is.
            const here = drawn.querySelector('.node.here');
            if (here) {
                const place = here.getBoundingClientRect();
                const frame = diagram.getBoundingClientRect();
                diagram.scrollLeft += place.left + place.width / 2 - frame.left - frame.width / 2;
            }
        } catch (error) {
            const said = document.createElement('p');
            said.textContent = bookWords.diagramFailed;
            diagram.after(said);
            console.error(error);
        }
    }

    // `%% box c_process href threads.html`: mermaid cannot link the title of a box.
    function linkBoxes(svg, source) {
        for (const [, box, href] of source.matchAll(/^\s*%% box (\S+) href (\S+)$/gm)) {
            const title = svg.querySelector(`.cluster[id$="${box}"] .cluster-label span`);
            if (title) {
                const link = document.createElement('a');
                link.href = href;
                link.append(...title.childNodes);
                title.append(link);
            }
        }
    }
})();
