// Reloads this page when the server has a newer build of the book, and after a restart of the server.
// Listens only while the page is visible: a browser opens few connections to one server, and every
// hidden tab would hold one of them for ever.
(() => {
  const mine = document.querySelector('meta[name="book-build"]')?.content;
  let source = null;

  function listen() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      source = new EventSource("/api/changes");
      source.onmessage = (event) => {
        if (event.data !== mine) location.reload();
      };
    }
  }

  document.addEventListener("visibilitychange", listen);
  listen();
})();
