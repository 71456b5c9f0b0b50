(() => {
    const editions = [...document.querySelectorAll('.edition')];
    let chosen = null;
    try { chosen = localStorage.getItem('book-language'); } catch { /* storage may be closed */ }
    const wishes = [chosen, ...(navigator.languages ?? [navigator.language])];
    for (const wish of wishes) {
        const edition = wish && editions.find(e => wish.toLowerCase().startsWith(e.dataset.language));
        if (edition) {
            edition.classList.add('preferred');
            break;
        }
    }
    for (const edition of editions) {
        edition.addEventListener('click', () => {
            try { localStorage.setItem('book-language', edition.dataset.language); } catch { /* as above */ }
        });
    }
})();
