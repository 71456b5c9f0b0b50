// The link to the other language leads to the heading in view, and the choice is remembered.
'use strict';

(() => {
    const link = document.querySelector('a[data-language-switch]');
    if (!link) {
        return;
    }
    const page = link.href.split('#')[0];
    const headings = [...document.querySelectorAll('main :is(h2, h3)[id]')];

    function follow() {
        const above = headings.filter(heading => heading.getBoundingClientRect().top < 120);
        const inView = above.at(-1);
        link.href = inView ? `${page}#${inView.id}` : page;
    }

    let waiting = false;
    addEventListener('scroll', () => {
        if (!waiting) {
            waiting = true;
            requestAnimationFrame(() => {
                waiting = false;
                follow();
            });
        }
    }, { passive: true });
    addEventListener('hashchange', follow);
    follow();

    link.addEventListener('click', () => {
        try {
            localStorage.setItem('book-language', link.hreflang);
        } catch {
            // Private windows may refuse; the link works all the same.
        }
    });
})();
