// What scrolls sideways can be scrolled from the keyboard.
'use strict';

(() => {
    const wide = [...document.querySelectorAll('main :is(pre > code, pre.terminal, pre.mermaid, figure.diagram, .table-wrapper, div.timeline)')];
    const watch = new ResizeObserver(entries => {
        for (const { target } of entries) {
            if (target.scrollWidth > target.clientWidth) {
                target.tabIndex = 0;
            } else {
                target.removeAttribute('tabindex');
            }
        }
    });
    wide.forEach(element => watch.observe(element));
})();
