/* The one modal dialog: #dialog, in app.html.

   - htmx swaps a fragment into it: it opens, or shows its next step, and the focus goes to the first
     of an invalid field, [autofocus], the title.
   - the answer's header HX-Trigger: dialog:close closes it;
     {"dialog:close": {"focus": "#row"}} moves the focus to that element, once it is there.
   - [data-close] and Esc close it, unless a [data-guard] inside asks first.
   Closing empties it, and returns the focus to what opened it. */

const dialog = document.getElementById("dialog");
let opener = null;
let destination = "";
let closing = false;

function focusInside() {
  const wanted = ["[aria-invalid=true]", "[autofocus]", "#dialog-title"];
  wanted.map((selector) => dialog.querySelector(`${selector}:not([popover] *)`)).find(Boolean)?.focus();
}

function askToLeave(question) {
  if (dialog.querySelector(".dialog__guard")) {
    return;
  }
  const before = document.activeElement;
  const inside = [...dialog.children].filter((child) => child.id !== "notices");
  const bar = document.createElement("div");
  bar.className = "dialog__guard";
  bar.setAttribute("role", "alertdialog");
  bar.setAttribute("aria-labelledby", "dialog-guard");
  const words = document.createElement("p");
  words.id = "dialog-guard";
  words.textContent = question;

  const button = (label, className, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  const stay = button("Stay", "button", () => {
    bar.remove();
    inside.forEach((child) => (child.inert = false));
    before?.focus();
  });
  const leave = button("Leave", "button button--danger", () => dialog.close());

  bar.append(words, stay, leave);
  inside.forEach((child) => (child.inert = true));
  dialog.append(bar);
  stay.focus();
}

function requestClose() {
  const guard = dialog.querySelector("[data-guard]");
  if (guard) {
    askToLeave(guard.dataset.guard);
  } else {
    dialog.close();
  }
}

function whatOpened(element) {
  const popover = element.closest("[popover]");
  return popover ? document.querySelector(`[popovertarget="${popover.id}"]`) : element;
}

function focusDestination() {
  const target = destination && document.querySelector(destination);
  if (target) {
    destination = "";
    target.focus();
  }
  return Boolean(target);
}

if (dialog) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === dialog && !dialog.open) {
      opener = whatOpened(event.detail.elt);
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === dialog && !closing && dialog.querySelector("#dialog-title")) {
      if (!dialog.open) {
        dialog.showModal();
      }
      focusInside();
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!dialog.open) {
      focusDestination();
    }
  });

  document.addEventListener("dialog:close", (event) => {
    destination = event.detail?.focus ?? "";
    closing = dialog.open;
    dialog.close();
  });

  // Emptied here and not at once: the answer's other events still need the element they start from.
  dialog.addEventListener("close", () => {
    closing = false;
    dialog.replaceChildren();
    if (!focusDestination()) {
      // What opened it may have been replaced by an element of the same id.
      const again = opener?.isConnected ? opener : document.getElementById(opener?.id || "main");
      again?.focus();
    }
    opener = null;
  });

  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      requestClose();
    }
  });

  // Browsers let a second Esc through whatever a cancel event says, but not this one.
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest(":popover-open")) {
      event.preventDefault();
      const bar = dialog.querySelector(".dialog__guard");
      if (bar) {
        bar.querySelector("button").click();
      } else {
        requestClose();
      }
    }
  });

  // Other ways to ask for a close, such as a gesture of the system.
  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog) {
      event.preventDefault();
      requestClose();
    }
  });
}
