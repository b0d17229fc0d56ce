/* What can be copied: <copy-text> for a text that is no secret, <secret-reveal> for a credential.
   One file, because the names of static files change with their content, and no module could
   name another one.

   <copy-text><code>…</code></copy-text> gets a Copy button.

   <secret-reveal> is masked until asked for. The server's markup works without this script:

   <div data-holds-key>
     <secret-reveal>
       <code class="key key--masked">cerby_…_••••••••</code>
       <details><summary>Show</summary><code class="key" data-plaintext>…</code></details>
     </secret-reveal>
     <input type="hidden" name="key" value="…">      (optional)
   </div>

   With it, the details give way to Show/Hide and Copy. The plaintext is then held in memory alone,
   and is in the document only while it is shown. Whatever ends the page or takes the element away
   wipes it, together with every input named "key" inside the same [data-holds-key].
   Details that are open to begin with are shown to begin with.
   noun="secret" changes what the messages call it; "key" is the default. */

/* Puts a text on the clipboard, and says truthfully whether it did. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain HTTP has no clipboard API, and a browser may refuse it: copy a selection instead.
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.readOnly = true;
  area.tabIndex = -1;
  area.value = text;
  // What lies outside an open modal is inert, and cannot be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.value = "";
  area.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.querySelector(".secret__actions")) {
      return;
    }
    const source = this.firstElementChild;
    const actions = document.createElement("div");
    actions.className = "secret__actions";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = "Copy";
    const status = document.createElement("span");
    status.className = "secret__status";
    status.setAttribute("role", "status");
    actions.append(button, status);
    this.append(actions);

    button.addEventListener("click", async () => {
      const copied = await copy(source.textContent);
      if (!copied) {
        select(source);
      }
      status.dataset.state = copied ? "done" : "failed";
      status.textContent = copied ? "Copied." : "Copy failed: the text is selected, copy it yourself.";
    });
  }
}

customElements.define("copy-text", CopyText);

class SecretReveal extends HTMLElement {
  #plaintext = "";
  #masked = "";
  #code;
  #toggle;
  #copy;
  #status;
  #holder = null;
  #wipe = () => this.wipe();

  connectedCallback() {
    const details = this.querySelector("details");
    if (!details) {
      return;
    }
    const shown = details.open;
    this.#plaintext = details.querySelector("[data-plaintext]").textContent;
    details.remove();
    this.#code = this.querySelector(".key");
    this.#masked = this.#code.textContent;
    this.#holder = this.closest("[data-holds-key]");

    this.#toggle = this.#button("Show", () => this.#show(!this.#shown));
    this.#copy = this.#button("Copy", () => this.#copyOut());
    this.#status = document.createElement("span");
    this.#status.className = "secret__status";
    this.#status.setAttribute("role", "status");
    const actions = document.createElement("div");
    actions.className = "secret__actions";
    actions.append(this.#toggle, this.#copy, this.#status);
    this.append(actions);
    this.dataset.ready = "";
    this.#show(shown);
    if (shown) {
      // The button that asked for it is gone: the focus stays where it was.
      this.#toggle.focus();
    }
    addEventListener("pagehide", this.#wipe);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#wipe);
    this.wipe();
  }

  wipe() {
    if (!this.#plaintext) {
      return;
    }
    this.#show(false);
    this.#plaintext = "";
    for (const input of this.#holder?.querySelectorAll("input[name=key]") ?? []) {
      input.value = "";
      input.removeAttribute("value");
    }
    this.#toggle.disabled = this.#copy.disabled = true;
    this.#say(`The ${this.#noun} is no longer held by this page.`);
  }

  get #noun() {
    return this.getAttribute("noun") ?? "key";
  }

  get #shown() {
    return !this.#code.classList.contains("key--masked");
  }

  #show(shown) {
    this.#code.textContent = shown ? this.#plaintext : this.#masked;
    this.#code.classList.toggle("key--masked", !shown);
    this.#toggle.textContent = shown ? "Hide" : "Show";
  }

  async #copyOut() {
    if (await copy(this.#plaintext)) {
      this.#say("Copied to the clipboard.", "done");
      return;
    }
    this.#show(true);
    select(this.#code);
    this.#say(`Copy failed: select the ${this.#noun} and copy it yourself.`, "failed");
  }

  #say(text, state = "") {
    this.#status.dataset.state = state;
    this.#status.textContent = text;
  }

  #button(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  }
}

customElements.define("secret-reveal", SecretReveal);
