/* Says what happened, in the page's one live region (templates/_notices.html).

   - the header HX-Trigger: {"notice": "text"}, or {"notice": {"text": "…", "kind": "error"}}
   - a request of htmx that failed
   - the messages that came with the page, which are said again: readers skip what is there at load.
   Good news leaves by itself, not before six seconds and never under a pointer or the focus;
   errors and warnings stay until they are dismissed. */

const region = document.getElementById("notices");
const SHORTEST = 6000;
const PER_CHARACTER = 60;

const FAILURES = {
  0: "The server cannot be reached. Check your connection and try again.",
  400: "The request could not be understood. Reload the page and try again.",
  403: "You are not permitted to do this. Reload the page to see what you may do.",
  404: "This is no longer there. Reload the page.",
  409: "Something changed in the meantime. Reload the page and try again.",
  413: "That is too large to send.",
  429: "Too many requests. Wait a moment and try again.",
};
const FAULT = "Something went wrong on our side. Try again in a moment.";

function settle() {
  // Outside an open modal the region would be inert: unread and out of reach.
  const home = document.querySelector("dialog:modal") ?? document.body;
  if (region.parentElement !== home) {
    home.append(region);
  }
}

function place(notice) {
  settle();
  // A live region must be there before its text is.
  setTimeout(() => {
    region.append(notice);
    if (!notice.matches(".notice--error, .notice--warning")) {
      leaveLater(notice);
    }
  }, 100);
}

function leaveLater(notice) {
  const time = Math.max(SHORTEST, notice.textContent.trim().length * PER_CHARACTER);
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => notice.remove(), time);
  };
  const hold = () => clearTimeout(timer);
  notice.addEventListener("pointerenter", hold);
  notice.addEventListener("focusin", hold);
  notice.addEventListener("pointerleave", wait);
  notice.addEventListener("focusout", wait);
  wait();
}

function say(text, kind = "success") {
  const template = document.getElementById(`notice-${kind}`) ?? document.getElementById("notice-success");
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.querySelector("p").textContent = text;
  place(notice);
}

if (region) {
  for (const notice of [...region.children]) {
    notice.remove();
    place(notice);
  }

  document.addEventListener("notice", ({ detail }) => say(detail.text ?? detail.value, detail.kind));

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-dismiss]")) {
      event.target.closest(".notice").remove();
    }
  });

  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, ({ detail }) => {
      say(FAILURES[detail.xhr?.status ?? 0] ?? FAULT, "error");
    });
  }

  // A dialog that closes, or that htmx fills anew, must not take the notices along.
  document.addEventListener("close", () => document.body.append(region), true);
  document.addEventListener("htmx:afterSwap", () => {
    if (!region.isConnected) {
      settle();
    }
  });
}
