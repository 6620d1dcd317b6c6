// Hydrates the islands of the page. It begins while the document is still being parsed.
((script, module, next) => {
  const root = document.documentElement;
  let isParsing = true;

  // Firefox stops loading as soon as the person leaves, and shows the page until the next page is there.
  let isBeingLeft = false;
  addEventListener("beforeunload", () => {
    isBeingLeft = true;
  });

  // Notes whether the browser sends a form, perhaps the log-out form, also before hydration. By the timeout, every form that
  // script sends itself has prevented the default.
  addEventListener("submit", (event) =>
    setTimeout(() => root.toggleAttribute("data-sending", !event.defaultPrevented)),
  );

  // Changes that browser extensions and translators make in islands before hydration, which would take
  // their nodes for its own. The parser itself only appends.
  const changes = [];
  const note = (records) =>
    changes.push(
      ...records.filter(
        ({ target, removedNodes, nextSibling }) =>
          (!isParsing || removedNodes.length || nextSibling) && target.closest?.("leptos-island"),
      ),
    );
  const observer = new MutationObserver(note);
  observer.observe(document, { childList: true, subtree: true });
  const parsed = new Promise((resolve) =>
    document.addEventListener("readystatechange", () => {
      if (isParsing) note(observer.takeRecords());
      isParsing = false;
      resolve();
    }),
  );

  const undo = () => {
    note(observer.takeRecords());
    observer.disconnect();
    for (const { target, addedNodes, removedNodes, nextSibling } of changes.reverse()) {
      for (const node of addedNodes) node.remove();
      for (const node of removedNodes) target.insertBefore(node, nextSibling);
    }
  };

  // An island among another island's children reports its presence to that island.
  const takeOver = (functions, node, tell) => {
    if (node.localName === "leptos-children") tell = node.$$on_hydrate;
    if (node.localName === "leptos-island") {
      tell?.();
      functions[node.dataset.component](node);
    }
    const takeOverContent = () => {
      for (const child of node.children) takeOver(functions, child, tell);
    };
    // The islands of a page give up what they hold when another page comes into this document.
    if (node.id === "main" && functions.in_page) functions.in_page(takeOverContent);
    else takeOverContent();
  };

  // From now on the page works as without script. The remaining listeners must not disturb the browser,
  // which submits the forms itself.
  const leaveToBrowser = (event) => {
    if (event.target.closest?.("form")) event.stopImmediatePropagation();
  };
  const fail = () => {
    delete root.dataset.hydrated;
    root.dataset.scriptFailed = "";
    for (const type of ["submit", "click"]) addEventListener(type, leaveToBrowser, true);
    document.getElementById("script-failed").hidden = false;
  };
  const failIfDead = (error) => {
    if (error instanceof WebAssembly.RuntimeError) fail();
  };
  addEventListener("error", (event) => failIfDead(event.error));
  addEventListener("unhandledrejection", (event) => failIfDead(event.reason));

  const start = async () => {
    const functions = await import(script);
    await functions.default({ module_or_path: module });
    await parsed;
    undo();
    functions.hydrate();
    takeOver(functions, document.body);
    globalThis.latchkeyTakeOver = (main) => takeOver(functions, main);
    // The timeout runs after the effects of the islands.
    setTimeout(() => {
      if (!("scriptFailed" in root.dataset)) root.dataset.hydrated = "";
      // For the next page, now that this page needs nothing more. Safari knows no link for that, and the content security
      // policy keeps Firefox from following one.
      for (const file of next) {
        fetch(file, { priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => {});
      }
    });
  };
  start().catch(async (error) => {
    await parsed;
    // A download leaves the page, too, but the page stays.
    if (isBeingLeft) await new Promise((resolve) => setTimeout(resolve, 10_000));
    console.error(error);
    fail();
  });
})
